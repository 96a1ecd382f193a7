package gateway

import (
	"errors"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/exchange"
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
	var sent []exchange.Sent
	left := d.Journal.Left()
	session := lastSession(left)
	for _, e := range left {
		q := request{id: e.ID, command: e.Command, raw: e.Value, value: e.Value, line: e.Line, checked: true, at: e.Arrived}
		if e.Result != nil || e.Number == 0 || e.Session != session || exchange.Check(e.Line) != nil {
			d.conclude(q, e)
			continue
		}
		k.hand[e.ID] = q
		sent = append(sent, exchange.Sent{Number: e.Number,
			Command: exchange.Command{ID: e.ID, Text: e.Line, Expires: now.Add(d.lifetime())}})
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
	result := device.Result{Status: device.Expired, Value: e.Value, Error: errWaited.Error()}
	switch {
	case e.Result != nil:
		d.tell(e.ID, e.Command, *e.Result)
		return
	case e.Sent:
		result = device.Result{Status: device.Failed, Value: e.Value, Line: e.Line, Error: mayHaveRun(errKilled)}
	case d.Journal.Rebooted():
		result = device.Result{Status: device.Failed, Value: e.Value, Error: mayHaveRun(errPowerCut)}
	}
	d.finish(q, result)
}
