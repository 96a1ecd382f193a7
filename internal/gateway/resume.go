package gateway

import (
	"errors"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/journal"
)

var (
	errKilled   = errors.New("the gateway was ended while it was on its way")
	errPowerCut = errors.New("the machine was started anew, and what was in hand is not known for certain")
	errWaited   = errors.New("the gateway was ended before it was written")
)

// resume takes up what a former life of the gateway left: results that nobody
// has, and commands whose fate is to be told, or found out.
func (d *Device) resume(now time.Time) {
	k := d.desk
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expects = d.Describe != nil && *d.Describe || d.Describe == nil && d.Journal.Speaks()
	var sent []arq.Command
	left := d.Journal.Left()
	session := lastSession(left)
	for _, e := range left {
		q := request{id: e.ID, command: e.Command, raw: e.Value, value: e.Value, line: e.Line, checked: true, at: e.Arrived}
		if e.Result != nil || e.Number == 0 || e.Session != session || arq.Check(e.Line) != nil {
			d.conclude(q, e)
			continue
		}
		k.hand[e.ID] = q
		sent = append(sent, arq.Command{ID: e.ID, Number: e.Number, Text: e.Line, Expires: now.Add(d.lifetime())})
	}
	if len(sent) > 0 {
		k.exchange.Resume(session, sent)
	}
}

// lastSession is the one in which the board can be asked; 0 is none.
func lastSession(left []journal.Entry) (session uint16) {
	for _, e := range left {
		if e.Number > 0 && e.Result == nil {
			session = e.Session
		}
	}
	return session
}

// conclude tells what is known of a command that no board can be asked about.
func (d *Device) conclude(q request, e journal.Entry) {
	if e.Result != nil {
		d.tell(e.ID, e.Command, *e.Result)
		return
	}
	d.finish(q, conclusion(e, d.Journal.Rebooted()))
}

// conclusion is the result of such a command.
func conclusion(e journal.Entry, rebooted bool) device.Result {
	switch {
	case e.Sent:
		return device.Result{Status: device.Failed, Value: e.Value, Line: e.Line, Error: mayHaveRun(errKilled)}
	case rebooted:
		return device.Result{Status: device.Failed, Value: e.Value, Error: mayHaveRun(errPowerCut)}
	}
	return device.Result{Status: device.Expired, Value: e.Value, Error: errWaited.Error()}
}

// Conclude gives each command that is in hand in the journal of a device that is
// no more its result, which is remembered, and hands it to tell; told is to be
// called when the broker has it.
func Conclude(j *journal.Journal, now time.Time, tell func(command string, r device.Result, told func())) {
	for _, e := range j.Left() {
		if e.Result == nil {
			e.Result = new(conclusion(e, j.Rebooted()))
			e.Result.Took = now.Sub(e.Arrived)
			j.Result(e.ID, *e.Result)
		}
		tell(e.Command, *e.Result, func() { j.Over(e.ID) })
	}
}
