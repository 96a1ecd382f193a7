package gateway

import (
	"errors"
	"time"

	"arduino-gateway/device"
)

// complainEvery is how often the log tells of lines that could not be read, and
// of values out of bounds.
const complainEvery = time.Minute

// Opened is called by the port.
func (d *Device) Opened(at time.Time) {
	d.Parser.Reset() // another board may be plugged in
	d.note(at, "port open: "+d.Port)
}

// Ready is called by the port when the board's boot is over and, where silence
// is set, a line came.
func (d *Device) Ready(time.Time) {
	d.session.SetOnline(true)
}

// Silent is called by the port when no line came for too long.
func (d *Device) Silent(at time.Time) {
	d.session.SetOnline(false)
	d.note(at, "silent: no line for "+d.Silence.String())
}

// Closed is called by the port. What min_interval holds is published now: there
// may be nothing after it.
func (d *Device) Closed(at time.Time, err error) {
	for line, ok := d.rules.Rest(at); ok; line, ok = d.rules.Rest(at) {
		d.release(at, line)
	}
	d.Queue.Commit()
	d.session.SetOnline(false)
	if err != nil {
		d.note(at, "port closed: "+err.Error())
	}
}

// Line is called by the port for each whole line. It blocks while the queue is
// full and the broker is there, so that the kernel's buffer, and not our
// memory, holds what the broker cannot take yet.
func (d *Device) Line(at time.Time, line []byte) {
	readings, err := d.Parser.Parse(line)
	var withheld []device.Withheld
	if err == nil {
		readings, withheld = d.rules.Apply(at, readings)
	}
	if d.Watcher.Active() {
		d.Watcher.In(at, line, readings, withheld, err)
	}
	if err != nil {
		d.refuse(at, line, err)
		return
	}
	d.complain(at, withheld)
	if len(readings) > 0 {
		d.publish(at, readings)
	}
}

func (d *Device) publish(at time.Time, readings []device.Reading) {
	d.counts.lines.Add(1)
	d.Queue.Append(d.stopping, at, readings)
}

// EndOfRead is called by the port after the lines of one read: they go to disk
// with one system call. It comes at least every second while the port is open.
func (d *Device) EndOfRead(at time.Time) {
	for line, ok := d.rules.Due(at); ok; line, ok = d.rules.Due(at) {
		d.release(at, line)
	}
	d.Queue.Commit()
}

// release publishes what min_interval held, with the time at which it was read.
func (d *Device) release(at time.Time, line device.Line) {
	for _, r := range line.Readings {
		d.note(at, "published, was held: "+r.Name+"="+r.Value+r.Unit)
	}
	d.publish(line.Time, line.Readings)
}

// complain counts the values out of bounds. A sensor that is broken is so for
// every line: the log shows one a minute.
func (d *Device) complain(at time.Time, withheld []device.Withheld) {
	for _, w := range withheld {
		if !w.Bad {
			continue
		}
		total := d.counts.outOfBounds.Add(1)
		if d.toldOutOfBounds.due(at) {
			d.Log.Warn("a value is out of bounds and not published", "device", d.ID,
				"reading", w.Name, "value", excerpt([]byte(w.Value)), "error", w.Why, "total", total)
		}
	}
}

// refuse counts a line that nothing could be made of, unless it is a header. A sketch that chats does
// so for ever: the log shows one line a minute, and how many there were.
func (d *Device) refuse(at time.Time, line []byte, err error) {
	if errors.Is(err, device.ErrHeader) {
		return
	}
	total := d.counts.refused.Add(1)
	if d.toldRefused.due(at) {
		d.Log.Warn("a line was not understood and not published", "device", d.ID,
			"line", excerpt(line), "error", err, "total", total)
	}
}

// seldom is when a complaint was last made.
type seldom struct{ told time.Time }

// due tells whether to make it again.
func (s *seldom) due(at time.Time) bool {
	if !s.told.IsZero() && at.Sub(s.told) < complainEvery {
		return false
	}
	s.told = at
	return true
}

// excerpt keeps a log line short, whatever the board sent.
func excerpt(line []byte) string {
	const most = 80
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}

// Connected is called by the session.
func (d *Device) Connected(at time.Time, sessionPresent bool) {
	d.Queue.SetConnected(true)
	d.note(at, "broker connected")
}

// Disconnected is called by the session.
func (d *Device) Disconnected(at time.Time, err error) {
	d.Queue.SetConnected(false)
	if err != nil {
		d.note(at, "broker lost: "+err.Error())
	}
}

func (d *Device) note(at time.Time, text string) {
	if d.Watcher.Active() {
		d.Watcher.Note(at, text)
	}
}
