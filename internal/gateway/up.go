package gateway

import (
	"errors"
	"time"

	"arduino-gateway/device"
)

// refusedEvery is how often the log tells of lines that could not be read.
const refusedEvery = time.Minute

// Opened is called by the port.
func (d *Device) Opened(at time.Time) {
	d.Parser.Reset() // another board may be plugged in
	d.note(at, "port open: "+d.Port)
}

// Ready is called by the port when the board's boot is over.
func (d *Device) Ready(time.Time) {
	d.session.SetOnline(true)
}

// Closed is called by the port.
func (d *Device) Closed(at time.Time, err error) {
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
	if d.Watcher.Active() {
		d.Watcher.In(at, line, readings, err)
	}
	if err != nil {
		d.refuse(at, line, err)
		return
	}
	d.counts.lines.Add(1)
	d.Queue.Append(d.stopping, at, readings)
}

// EndOfRead is called by the port after the lines of one read: they go to disk
// with one system call.
func (d *Device) EndOfRead() { d.Queue.Commit() }

// refuse counts a line that nothing could be made of, unless it is a header. A sketch that chats does
// so for ever: the log shows one line a minute, and how many there were.
func (d *Device) refuse(at time.Time, line []byte, err error) {
	if errors.Is(err, device.ErrHeader) {
		return
	}
	total := d.counts.refused.Add(1)
	if !d.toldRefused.IsZero() && at.Sub(d.toldRefused) < refusedEvery {
		return
	}
	d.toldRefused = at
	d.Log.Warn("a line was not understood and not published", "device", d.ID,
		"line", excerpt(line), "error", err, "total", total)
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
