package gateway

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/journal"
)

// results passes on how commands ended.
type results struct {
	journal *journal.Journal
	session Session
	report  *reporter
}

// finish ends a command. The journal has the result before anyone else.
func (r *results) finish(c journal.Command, result device.Result) {
	now := time.Now()
	result.Took = took(c, now)
	r.report.counts.command(result.Status)
	r.deliver(c.ID, c.Name, result)
	if c.Reply != nil {
		c.Reply(result)
	}
	r.report.result(now, c.Name, result)
}

// took returns how long a command took. Of one that an earlier process received, only the
// clock of the machine knows; if it was set back since, the time is unknown, and 0.
func took(c journal.Command, now time.Time) time.Duration { return max(0, now.Sub(c.Arrived)) }

// deliver publishes a result. The journal keeps it until the broker has it.
func (r *results) deliver(id uint64, command string, result device.Result) {
	r.journal.Result(id, result)
	r.session.Result(command, result, func() { r.journal.Delivered(id) })
}

// outcome is the result of a write to a board that does not confirm commands. Only if no
// byte was written is it certain that the command did not run.
func outcome(c journal.Command, begun bool, err error) device.Result {
	switch {
	case err == nil:
		return device.Result{Status: device.Sent, Value: c.Canonical, Line: c.Line}
	case begun:
		return device.Result{Status: device.Failed, Value: c.Canonical, Line: c.Line, Error: mayHaveRun(err)}
	default:
		return device.Result{Status: device.Expired, Value: c.Canonical, Error: err.Error()}
	}
}

// answered is the result of a command to a board that confirms commands.
func answered(c journal.Command, o arq.Outcome) device.Result {
	result := device.Result{Value: c.Canonical, Line: c.Line}
	switch o.Fate {
	case arq.Done:
		result.Status, result.Reply = device.Done, o.Text
	case arq.Refused:
		result.Status, result.Error = device.Failed, refusal(o.Text)
	default:
		result.Status, result.Error = device.Failed, mayHaveRun(errors.New(o.Text))
	}
	return result
}

func refusal(words string) string {
	if words == "" {
		return "the board refused it"
	}
	return words
}

func mayHaveRun(why error) string { return fmt.Sprintf("may have run: %v", why) }

var (
	errKilled   = errors.New("the gateway ended while the command was in flight")
	errPowerCut = errors.New("the machine restarted or the journal is damaged, and the last records may be lost")
	errWaited   = errors.New("the gateway ended before the command was written")
)

// conclusion is the result of a command of an earlier process that no board can be asked
// about.
func conclusion(c journal.Command, rebooted bool) device.Result {
	switch {
	case c.Sent:
		return device.Result{Status: device.Failed, Value: c.Value, Line: c.Line, Error: mayHaveRun(errKilled)}
	case rebooted:
		return device.Result{Status: device.Failed, Value: c.Value, Error: mayHaveRun(errPowerCut)}
	}
	return device.Result{Status: device.Expired, Value: c.Value, Error: errWaited.Error()}
}

// Conclude gives each unfinished command in the journal of a removed device its result.
// It records the result and passes it to publish, which calls delivered when the broker
// has it.
func Conclude(j *journal.Journal, now time.Time, publish func(command string, r device.Result, delivered func())) {
	for _, c := range j.Unfinished() {
		if c.Result == nil {
			c.Result = new(conclusion(c, j.Rebooted()))
			c.Result.Took = took(c, now)
			j.Result(c.ID, *c.Result)
		}
		publish(c.Name, *c.Result, func() { j.Delivered(c.ID) })
	}
}

// echo returns a refused value if it is text that fits into a result, else "".
func echo(value []byte) string {
	if len(value) > 256 || !utf8.Valid(value) {
		return ""
	}
	return string(value)
}
