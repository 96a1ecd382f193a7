package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/naming"
	"arduino-gateway/internal/protocol"
)

// reporter counts, logs and shows to the observer what happens to a device's lines and
// commands.
type reporter struct {
	id       string
	log      *slog.Logger
	observer Observer
	counts   counts

	// Owned by the port's goroutine.
	refusals, leftovers, drops, bounds, unprinted, overlongs rateLimit
}

func (r *reporter) note(at time.Time, text string) {
	if r.observer.Active() {
		r.observer.Note(at, text)
	}
}

// received shows a message from the broker, with what decides whether it runs.
func (r *reporter) received(m device.Message) {
	if r.observer.Active() {
		name := strconv.Quote(excerpt([]byte(m.Command)))
		r.note(m.At, fmt.Sprintf("received %s %q qos=%d retain=%t dup=%t",
			name[1:len(name)-1], excerpt(m.Payload), m.QoS, m.Retained, m.Duplicate))
	}
}

// wrote shows a line of the protocol.
func (r *reporter) wrote(lines []byte) {
	if r.observer.Active() {
		r.observer.Note(time.Now(), "wrote "+string(bytes.TrimSpace(lines)))
	}
}

// refused counts a line that is not understood, unless it is a header or cut. A sketch that
// prints such lines prints many.
func (r *reporter) refused(at time.Time, line []byte, err error) {
	if errors.Is(err, device.ErrHeader) || errors.Is(err, device.ErrCut) {
		return
	}
	total := r.counts.refused.Add(1)
	if r.refusals.allows(at) {
		r.log.Warn("line not understood and not published", "device", r.id, "line", excerpt(line), "error", err, "total", total)
	}
}

// partly counts a line of which only a part is published.
func (r *reporter) partly(at time.Time, line []byte, left error) {
	total := r.counts.partly.Add(1)
	r.note(at, "left out: "+left.Error())
	if r.leftovers.allows(at) {
		r.log.Info("part of a line not understood and not published", "device", r.id, "line", excerpt(line), "error", left, "total", total)
	}
}

// outOfBounds counts the values that are out of bounds. A broken sensor brings one with
// every line.
func (r *reporter) outOfBounds(at time.Time, withheld []device.Withheld) {
	for i := range withheld {
		w := &withheld[i]
		if !w.Bad {
			continue
		}
		total := r.counts.outOfBounds.Add(1)
		if r.bounds.allows(at) {
			r.log.Warn("value out of bounds and not published", "device", r.id,
				"reading", w.Name, "value", excerpt(w.Value), "error", w.Why, "total", total)
		}
	}
}

// invents reports a board that keeps making names.
func (r *reporter) invents(made *naming.Invention) {
	r.log.Warn("board makes ever new names of readings", "device", r.id, "latest", excerpt(made.Latest), "hint", made.Remedy())
}

// dropped counts a line that is not a reading.
func (r *reporter) dropped(at time.Time, line []byte, why error) {
	total := r.counts.damaged.Add(1)
	r.observer.Line(device.Heard{Time: at, Text: line, Err: why})
	if r.drops.allows(at) {
		r.log.Warn("line dropped", "device", r.id, "line", excerpt(line), "error", why, "total", total)
	}
}

// held reports what a line does that waits for the board's hello.
func (r *reporter) held(at time.Time, v verdict) {
	for _, line := range v.held {
		r.dropped(at, line.Text, errUnidentified)
	}
	if v.overdue {
		r.log.Warn("nothing is published: the board was asked for its hello and does not send it", "device", r.id, "line", excerpt(v.text),
			"hint", "reset the board: it may not receive what is written to it; or give its port an entry in devices.yaml")
	}
}

// health reports what a state of the board says about the board.
func (r *reporter) health(at time.Time, h protocol.Health, dropped uint16, reset bool) {
	if reset {
		r.log.Warn("the board was reset", "device", r.id, "cause", causes(h.Reset), "free_ram", h.RAM)
	}
	if dropped == 0 {
		return
	}
	total := r.counts.unprinted.Add(uint64(dropped))
	if r.unprinted.allows(at) {
		r.log.Warn("the board dropped lines", "device", r.id, "lines", dropped, "total", total,
			"hint", "they were longer than its lines can be, or its port stood still")
	}
}

func (r *reporter) missed(lines uint64) {
	if lines > 0 {
		r.counts.damaged.Add(lines)
		r.log.Warn("lines dropped: before the board became a device it printed more than is kept", "device", r.id, "lines", lines)
	}
}

func (r *reporter) misunderstood(line []byte, err error) {
	r.log.Warn("part of the board's description not understood", "device", r.id, "line", excerpt(line), "error", err)
}

func (r *reporter) described(d *device.Description) {
	r.log.Info("the board described itself", "device", r.id, "board", d.ID, "library", d.Library,
		"readings", len(d.Readings), "commands", len(d.Commands))
}

func (r *reporter) duplicate(command string) {
	r.log.Info("command delivered twice; it runs once", "device", r.id, "command", excerpt(command))
}

// surplus reports commands that are rejected because there are too many.
func (r *reporter) surplus(commands uint64, why error) {
	r.log.Warn("commands rejected", "device", r.id, "commands", commands, "error", why)
}

func (r *reporter) paused(at, until time.Time) {
	r.log.Info("paused", "device", r.id, "until", clock(until), "hint", "gateway resume "+r.id+" ends it early")
	r.note(at, "paused until "+clock(until))
}

func (r *reporter) resumed(at time.Time) {
	r.log.Info("pause over: opening the port again", "device", r.id)
	r.note(at, "pause over")
}

func (r *reporter) portFailed(err error) {
	r.log.Error("device stays offline", "device", r.id, "error", err)
}

// result reports a command that is not done in the log. Those of a flood, which are
// rejected as busy, are reported together by surplus.
func (r *reporter) result(at time.Time, command string, result device.Result) {
	command = excerpt(command)
	if r.observer.Active() {
		r.observer.Out(at, command, result)
	}
	if result.Error == errWaiting.Error() || result.Error == errTooOften.Error() {
		return
	}
	if result.Status != device.Sent && result.Status != device.Done {
		r.log.Warn("command not done", "device", r.id, "command", command, "status", string(result.Status), "error", result.Error)
	}
}

// logEvery is how often the log repeats a warning about the lines of one device.
const logEvery = time.Minute

// rateLimit allows one log line a minute.
type rateLimit struct{ last time.Time }

func (l *rateLimit) allows(at time.Time) bool {
	if !l.last.IsZero() && at.Sub(l.last) < logEvery {
		return false
	}
	l.last = at
	return true
}

// excerpt keeps a log line short, whatever the board or a client sent.
func excerpt[text string | []byte](line text) string {
	const most = 80
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}
