package gateway

import (
	"errors"
	"fmt"
	"time"

	"arduino-gateway/internal/hello"
)

// nameless is for how long a board at the port of a device that was found may
// keep its name to itself, before anything is made of it: a sketch may be long
// in coming to its library.
const nameless = 30 * time.Second

var errNameless = errors.New("dropped: the board at the port has not said who it is")

// introduction is what is known of who is at the port of a device that was found by
// its hello: any board may be plugged in there. It belongs to the port's reading
// goroutine, and begins anew with each opening.
type introduction struct {
	opened   time.Time
	ready    bool          // the port says so
	known    bool          // by its hello: it is this one
	stranger bool          // it is another: nothing that it says is this device's
	asked    bool          // that it has no name was told
	held     hello.Backlog // of lines with a right checksum, while it is neither
}

// met tells whether what is heard is certainly of this device's board.
func (d *Device) met() bool { return !d.RequireHello || d.spoken.known }

// recognise hears the ID of a hello. It tells whether the board is this device's;
// then what was held of it is read.
func (d *Device) recognise(at time.Time, id string) bool {
	if !d.RequireHello {
		return true
	}
	if id != d.ID {
		d.estrange(at, fmt.Sprintf("says that it is %q", id))
		return false
	}
	i := &d.spoken.introduction
	i.known = true
	for _, line := range i.held.Lines {
		d.read(line.At, line.Text)
	}
	i.held = hello.Backlog{}
	d.standBy(at)
	return true
}

// standBy has the device be online where its board is ready, and is this one.
func (d *Device) standBy(at time.Time) {
	if d.spoken.ready && d.met() {
		d.setOnline(at, true)
	}
}

// hold keeps a line until its board has said who it is.
func (d *Device) hold(at time.Time, line []byte) {
	i := &d.spoken.introduction
	d.dropNameless(at, i.held.Add(at, line))
	if !i.asked && at.Sub(i.opened) >= nameless {
		i.asked = true
		d.Log.Warn("nothing is published: the board at the port was asked, and does not say who it is", "device", d.ID, "line", excerpt(line),
			"hint", "does it hear what is written to it? Reset it, or give its port an entry in devices.yaml")
	}
}

// part drops what is held, at the end of an opening: the next one may find another
// board.
func (d *Device) part(at time.Time) {
	d.dropNameless(at, d.spoken.held.Lines)
	d.spoken.introduction = introduction{}
}

func (d *Device) dropNameless(at time.Time, lines []hello.Line) {
	for _, line := range lines {
		d.drop(at, line.Text, errNameless)
	}
}

// Missed counts lines of this board that went before it was a device.
func (d *Device) Missed(lines uint64) {
	if lines > 0 {
		d.counts.damaged.Add(lines)
		d.Log.Warn("lines were dropped: the board printed more before it was a device than is kept", "device", d.ID, "lines", lines)
	}
}

// suspect counts lines without a checksum of a board that was found by its hello.
func (d *Device) suspect(at time.Time) {
	if !d.RequireHello || d.spoken.strict {
		return
	}
	if d.spoken.plain++; d.spoken.plain >= doubts && at.Sub(d.spoken.opened) >= nameless {
		d.estrange(at, "prints lines without a checksum")
	}
}

// estrange ends the part of a board that is not the one that was found here.
func (d *Device) estrange(at time.Time, why string) {
	d.spoken.introduction = introduction{stranger: true}
	d.desk.shut()
	d.setOnline(at, false)
	d.Mismatch(why)
}
