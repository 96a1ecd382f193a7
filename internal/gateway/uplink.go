package gateway

import (
	"context"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/rules"
)

// uplink carries readings from lines to the queue. The port's goroutine owns it.
type uplink struct {
	parser Parser
	rules  *rules.Rules
	queue  Queue
	report *reporter
	life   *atomic.Pointer[context.Context] // its end ends a blocked Append
}

// line publishes the readings of a line.
func (u *uplink) line(at time.Time, line []byte) {
	readings, err := u.parser.Parse(line)
	var withheld []device.Withheld
	if err == nil {
		readings, withheld = u.rules.Apply(at, readings)
	}
	u.report.observer.Line(at, line, readings, withheld, err)
	if err != nil {
		u.report.refused(at, line, err)
		return
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

// due publishes the values whose min_interval has passed.
func (u *uplink) due(at time.Time) {
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
	u.report.observer.Later(line.Time, line.Readings)
	u.publish(line.Time, line.Readings)
}

// describe replaces the rules.
func (u *uplink) describe(at time.Time, specs map[string]device.ReadingSpec) {
	u.rest(at)
	u.rules = rules.New(specs)
}

// readingSpecs returns the readings that the board described, overridden by those of
// devices.yaml.
func readingSpecs(configured, described map[string]device.ReadingSpec) map[string]device.ReadingSpec {
	specs := map[string]device.ReadingSpec{}
	for name, spec := range described {
		specs[name] = spec
	}
	for name, spec := range configured {
		if spec.Unit == "" {
			spec.Unit = specs[name].Unit
		}
		specs[name] = spec
	}
	return specs
}
