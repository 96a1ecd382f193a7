package gateway

import (
	"context"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/naming"
	"arduino-gateway/internal/rules"
)

// uplink carries readings from lines to the queue. The port's goroutine owns it.
type uplink struct {
	parser Parser
	rules  *rules.Rules
	names  *naming.Names
	queue  Queue
	report *reporter
	each   Outcome                          // outcome, bound once
	life   *atomic.Pointer[context.Context] // its end ends a blocked Append
}

// line reads a line.
func (u *uplink) line(at time.Time, line []byte) { u.parser.Line(at, line, u.each) }

// first reads a line that may be the end of another.
func (u *uplink) first(at time.Time, line []byte) { u.parser.First(at, line, u.each) }

// outcome publishes the readings of a line.
func (u *uplink) outcome(at time.Time, line []byte, readings []device.Reading, err error) {
	var withheld []device.Withheld
	if err == nil {
		readings, withheld = u.rules.Apply(at, readings)
	}
	kept := u.names.Line(at, readings)
	u.report.observer.Line(device.Heard{Time: at, Text: line, Readings: readings, Kept: kept, Withheld: withheld, Err: err})
	if err != nil {
		u.report.refused(at, line, err)
		return
	}
	if left := u.parser.Left(); left != nil {
		u.report.partly(at, line, left)
	}
	if made := u.names.News(at); made != nil {
		u.report.invents(made)
	}
	u.report.outOfBounds(at, withheld)
	if len(readings) > 0 {
		u.publish(at, readings)
	}
}

func (u *uplink) publish(at time.Time, readings []device.Reading) {
	u.report.counts.lines.Add(1)
	u.queue.Append(*u.life.Load(), at, readings)
}

// due publishes the values whose min_interval has passed, and refuses a JSON object that
// does not go on.
func (u *uplink) due(at time.Time) {
	u.parser.Quiet(at, u.each)
	for line, ok := u.rules.Due(at); ok; line, ok = u.rules.Due(at) {
		u.later(at, line)
	}
}

// rest publishes all values that min_interval holds.
func (u *uplink) rest(at time.Time) {
	for line, ok := u.rules.Rest(at); ok; line, ok = u.rules.Rest(at) {
		u.later(at, line)
	}
}

// later publishes a line that min_interval held, with the time at which it was read.
func (u *uplink) later(at time.Time, line device.Line) {
	for _, r := range line.Readings {
		u.report.note(at, "published after min_interval: "+r.Name+"="+r.Value+r.Unit)
	}
	u.report.observer.Later(line.Time, u.names.Kept(line.Readings))
	u.publish(line.Time, line.Readings)
}

// describe replaces the rules, and keeps the names that the board describes.
func (u *uplink) describe(at time.Time, specs device.ReadingSpecs) {
	u.rest(at)
	u.rules = rules.New(specs)
	u.names.Give(specs)
}
