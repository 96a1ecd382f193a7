package gateway

import (
	"errors"
	"time"

	"arduino-gateway/internal/protocol"
	"arduino-gateway/internal/rules"
)

var (
	errNoChecksum = errors.New("dropped: this board's lines have a checksum, and this one has none")
	errStranger   = errors.New("dropped: another board is here than the one that was found")
	errDamaged    = errors.New("dropped: damaged on the wire, its checksum is wrong")
)

// spoken belongs to the port's reading goroutine.
type spoken struct {
	strict bool // a right checksum came on this opening: a line without is damaged
	plain  int  // lines without one before
	introduction
}

// hear takes a line of a board that may speak the protocol. What it gives are
// readings, without their checksum; ok is false where there are none.
func (d *Device) hear(at time.Time, line []byte) (readings []byte, ok bool) {
	l := protocol.Parse(line)
	switch {
	case d.spoken.stranger:
		d.Observer.Line(at, line, nil, nil, errStranger)
	case l.Check == protocol.Right:
		if l.Kind != protocol.Plain || !d.spoken.strict {
			d.heard(at, l)
		}
		if l.Kind == protocol.Plain {
			return l.Text, true
		}
		d.Observer.Line(at, line, nil, nil, nil)
		return nil, false
	case !d.spoken.strict && !d.RequireHello:
		d.doubt()
		return line, true
	case l.Check == protocol.Wrong:
		d.drop(at, line, errDamaged)
	default:
		d.drop(at, line, errNoChecksum)
		d.suspect(at)
	}
	return nil, false
}

// doubt counts lines of a board that should have a checksum.
func (d *Device) doubt() {
	if d.spoken.plain < doubts {
		if d.spoken.plain++; d.spoken.plain == doubts && d.Describe == nil {
			d.expect(false)
		}
	}
}

// expect sets whether the board confirms commands, and remembers it.
func (d *Device) expect(speaks bool) {
	d.desk.mu.Lock()
	d.desk.expects = speaks
	d.desk.mu.Unlock()
	d.desk.ring()
	d.Journal.SetSpeaks(speaks)
}

// heard takes what has a right checksum to the exchange.
func (d *Device) heard(at time.Time, l protocol.Line) {
	if l.Kind == protocol.HelloLine && !d.recognise(at, string(l.Hello.ID)) {
		return
	}
	k := d.desk
	k.mu.Lock()
	err := k.exchange.Heard(at, l)
	speaks := k.exchange.Speaks()
	if speaks {
		k.doubted = time.Time{}
	}
	d.settle(at)
	told, whole := k.exchange.Description()
	changed := whole && d.describe(told)
	k.mu.Unlock()
	k.ring()
	if err != nil {
		d.Log.Warn("the board describes itself in a way that is not understood", "device", d.ID, "line", excerpt(l.Text), "error", err)
		if d.RequireHello && l.Kind == protocol.HelloLine {
			d.estrange(at, err.Error())
			return
		}
	}
	if speaks != d.spoken.strict {
		d.spoken.strict = speaks
		d.expect(speaks)
	}
	if changed {
		d.restAll(at)
		d.rules = rules.New(d.specs(told))
		d.Log.Info("the board described itself", "device", d.ID, "board", told.ID, "library", told.Library,
			"readings", len(told.Readings), "commands", len(told.Commands))
		d.Described(told)
	}
}

// drop counts a line that is no reading. The log shows one a minute.
func (d *Device) drop(at time.Time, line []byte, why error) {
	total := d.counts.damaged.Add(1)
	d.Observer.Line(at, line, nil, nil, why)
	if d.toldDamaged.due(at) {
		d.Log.Warn("a line was dropped", "device", d.ID, "line", excerpt(line), "error", why, "total", total)
	}
}
