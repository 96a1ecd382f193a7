package gateway

import (
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/protocol"
)

// Opened is called when the port is open.
func (d *Device) Opened(at time.Time) {
	d.parts.Parser.Reset() // it may be another board
	d.uplink.names.Opened(at)
	d.protocol.reset(at)
	d.health = boardHealth{}
	d.online.setOpen(true)
	d.commands.open(at)
	d.report.note(at, "port open: "+d.Port)
}

// Ready is called when the board has booted and, if silence is set, has printed a line.
func (d *Device) Ready(at time.Time) {
	d.protocol.ready = true
	d.goOnline(at)
}

// Silent is called when the board has printed no line for too long.
func (d *Device) Silent(at time.Time) {
	d.protocol.ready = false
	d.setOnline(at, false)
	limit := d.Silence
	if tuned := d.silence.Load(); tuned != nil {
		limit = *tuned
	}
	d.report.note(at, "silent: no line for "+limit.String())
}

// Closed is called when the port is closed. It publishes what min_interval holds back,
// because no other line may follow.
func (d *Device) Closed(at time.Time, err error) {
	d.commands.close()
	d.writer.confirm.closed(err)
	for _, line := range d.protocol.discard() {
		d.report.dropped(at, line.Text, errUnidentified)
	}
	d.parts.Parser.End(d.uplink.each)
	d.uplink.rest(at)
	d.parts.Queue.Commit()
	d.setOnline(at, false)
	d.online.setOpen(false)
	if err != nil {
		d.report.note(at, "port closed: "+err.Error())
	}
}

// Line is called for each whole line. It blocks while the queue is full and the broker is
// connected: what the broker cannot take yet stays in the kernel's buffer, and not in the
// gateway's memory.
func (d *Device) Line(at time.Time, line []byte) { d.receive(at, line, false) }

// FirstLine is Line for one that may be the end of a line that began before the port was
// opened.
func (d *Device) FirstLine(at time.Time, line []byte) { d.receive(at, line, true) }

func (d *Device) receive(at time.Time, line []byte, first bool) {
	l := protocol.Parse(line)
	v := d.protocol.judge(at, &l, line)
	if v.identified {
		for _, held := range v.held {
			d.publish(held.At, held.Text, false)
		}
		d.goOnline(at)
	}
	if v.protocol {
		d.hear(at, l)
	}
	switch v.action {
	case publish:
		d.publish(at, v.text, first && l.Check != protocol.Right)
	case show:
		d.parts.Observer.Line(device.Heard{Time: at, Text: line, Err: v.why})
	case drop:
		d.report.dropped(at, line, v.why)
	case hold:
		d.report.held(at, v)
	}
	switch {
	case v.mismatch != "":
		d.mismatch(at, v.mismatch)
	case v.doubt:
		d.commands.setSpeaks(false)
	}
}

// publish reads a line and publishes its readings; first: once it is known to be whole.
func (d *Device) publish(at time.Time, line []byte, first bool) {
	d.writer.confirm.heard(at, line)
	if first {
		d.uplink.first(at, line)
	} else {
		d.uplink.line(at, line)
	}
}

// hear passes a line of the protocol on to the command queue.
func (d *Device) hear(at time.Time, l protocol.Line) {
	if l.Kind == protocol.StateLine {
		dropped, reset := d.health.heard(l.State, l.Health)
		d.report.health(at, l.Health, dropped, reset)
	}
	r := d.commands.heard(at, l)
	if r.problem != nil {
		d.report.misunderstood(l.Text, r.problem)
		if d.parts.RequireHello && l.Kind == protocol.HelloLine {
			d.mismatch(at, r.problem.Error())
			return
		}
	}
	if d.protocol.strict != r.speaks {
		d.protocol.strict = r.speaks
		d.commands.setSpeaks(r.speaks)
	}
	if r.described != nil {
		d.uplink.describe(at, d.Readings.Over(r.described.Readings))
		d.report.described(r.described)
		d.offerCommands()
		d.parts.Described(*r.described)
	}
}

// mismatch stops everything that is meant for this device's board.
func (d *Device) mismatch(at time.Time, does string) {
	d.protocol.mismatch()
	d.commands.close()
	d.writer.confirm.closed(errMismatch)
	d.setOnline(at, false)
	d.parts.Mismatch(does)
}

// Overlong is called with the length of a line that was dropped because of it.
func (d *Device) Overlong(at time.Time, bytes int) { d.report.overlong(at, bytes) }

// EndOfRead is called after the lines of one read, and at least every second while the
// port is open. The lines of one read go to disk with one system call.
func (d *Device) EndOfRead(at time.Time) {
	d.uplink.due(at)
	d.parts.Queue.Commit()
}
