package gateway

import (
	"bytes"
	"time"

	"arduino-gateway/device"
)

// Opened is called by the port.
func (d *Device) Opened(at time.Time) {
	d.Parser.Reset() // another board may be plugged in
	d.spoken = spoken{introduction: introduction{opened: at}}
	d.standing.open()
	d.desk.open(at)
	d.note(at, "port open: "+d.Port)
}

// Ready is called by the port when the board's boot is over and, where silence
// is set, a line came.
func (d *Device) Ready(at time.Time) {
	d.spoken.ready = true
	d.standBy(at)
}

// Silent is called by the port when no line came for too long.
func (d *Device) Silent(at time.Time) {
	d.spoken.ready = false
	d.setOnline(at, false)
	d.note(at, "silent: no line for "+d.Silence.String())
}

// Closed is called by the port. What min_interval holds is published now: there
// may be nothing after it.
func (d *Device) Closed(at time.Time, err error) {
	d.desk.shut()
	d.part(at)
	d.restAll(at)
	d.Queue.Commit()
	d.setOnline(at, false)
	d.standing.close()
	if err != nil {
		d.note(at, "port closed: "+err.Error())
	}
}

// restAll publishes what min_interval holds.
func (d *Device) restAll(at time.Time) {
	for line, ok := d.rules.Rest(at); ok; line, ok = d.rules.Rest(at) {
		d.release(at, line)
	}
}

// Line is called by the port for each whole line. It blocks while the queue is
// full and the broker is there, so that the kernel's buffer, and not our
// memory, holds what the broker cannot take yet.
func (d *Device) Line(at time.Time, line []byte) {
	line, ok := d.hear(at, line)
	switch {
	case !ok:
	case d.met():
		d.read(at, line)
	default:
		d.hold(at, line)
	}
}

// read takes the readings of a line.
func (d *Device) read(at time.Time, line []byte) {
	if a := d.reply.Load(); a != nil {
		a.confirms(line)
	}
	readings, err := d.Parser.Parse(line)
	var withheld []device.Withheld
	if err == nil {
		readings, withheld = d.rules.Apply(at, readings)
	}
	d.Observer.Line(at, line, readings, withheld, err)
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
	d.Queue.Append(d.life(), at, readings)
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
	d.Observer.Later(line.Time, line.Readings)
	d.publish(line.Time, line.Readings)
}

// Connected is called by the session.
func (d *Device) Connected(at time.Time, sessionPresent bool) {
	d.Queue.SetConnected(true)
	if !sessionPresent {
		d.Journal.Forget()
	}
	d.note(at, "broker connected")
}

// Disconnected is called by the session.
func (d *Device) Disconnected(at time.Time, err error) {
	d.Queue.SetConnected(false)
	if err != nil {
		d.note(at, "broker lost: "+err.Error())
	}
}

// noteWritten shows the lines that the protocol writes.
func (d *Device) noteWritten(lines []byte) {
	if d.Observer.Active() {
		d.Observer.Note(time.Now(), "wrote "+string(bytes.TrimSpace(lines)))
	}
}

func (d *Device) note(at time.Time, text string) {
	if d.Observer.Active() {
		d.Observer.Note(at, text)
	}
}
