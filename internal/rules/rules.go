package rules

import (
	"slices"
	"time"

	"arduino-gateway/device"
)

// Rules are those of one device. They are not for concurrent use.
type Rules struct {
	of   map[string]*rule // by the board's name for the reading
	held []*rule          // that hold a value, in the order in which it came

	// Used again by each call.
	publish  []device.Reading
	withheld []device.Withheld
}

// New makes the rules for the readings of a device.
func New(specs map[string]device.ReadingSpec) *Rules {
	r := &Rules{of: make(map[string]*rule, len(specs))}
	for name, spec := range specs {
		r.of[name] = newRule(name, spec)
	}
	for name, spec := range specs {
		if _, known := specs[spec.Rename]; spec.Rename != "" && !known {
			r.of[spec.Rename] = nameless(name)
		}
	}
	return r
}

// Apply takes the readings of a line that was read at the time given. It gives
// those to publish, as they are to be called, and the others with the reason.
// Both are valid until the next call, and as long as readings are.
func (r *Rules) Apply(at time.Time, readings []device.Reading) (publish []device.Reading, withheld []device.Withheld) {
	if len(r.of) == 0 {
		return readings, nil
	}
	r.publish, r.withheld = r.publish[:0], r.withheld[:0]
	for _, reading := range readings {
		rule := r.of[reading.Name]
		if rule == nil {
			r.publish = append(r.publish, reading)
			continue
		}
		before := rule.held
		if why, bad := rule.decide(at, reading); why != "" {
			r.withheld = append(r.withheld, device.Withheld{Reading: reading, Why: why, Bad: bad})
		} else {
			r.publish = append(r.publish, rule.named(reading))
		}
		r.track(rule, before)
	}
	return r.publish, r.withheld
}

// track keeps the list of those that hold a value; before tells whether this one did.
func (r *Rules) track(of *rule, before bool) {
	switch {
	case of.held && !before:
		r.held = append(r.held, of)
	case before && !of.held:
		r.held = slices.DeleteFunc(r.held, func(one *rule) bool { return one == of })
	}
}

// Due gives a held value whose min_interval is over, as a line of its own with
// the time at which it was read; false if there is none. The line is valid
// until the next call.
func (r *Rules) Due(at time.Time) (device.Line, bool) {
	for _, rule := range r.held {
		if rule.over(at) {
			return r.release(rule, at), true
		}
	}
	return device.Line{}, false
}

// Rest gives a held value whether its time has come or not, as when the port
// was closed: there may be no other.
func (r *Rules) Rest(at time.Time) (device.Line, bool) {
	if len(r.held) == 0 {
		return device.Line{}, false
	}
	return r.release(r.held[0], at), true
}

func (r *Rules) release(held *rule, at time.Time) device.Line {
	r.publish = append(r.publish[:0], held.release(at))
	r.track(held, true)
	return device.Line{Time: held.sent.read, Readings: r.publish}
}
