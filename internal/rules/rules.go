package rules

import (
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
)

// Rules are the rules of one device. They are not for concurrent use.
type Rules struct {
	specs    device.ReadingSpecs
	patterns bool             // specs has some
	of       map[string]*rule // by the board's name of the reading
	matched  map[string]*rule // by the names that were looked up in the patterns; nil: none matches
	held     []*rule          // those that hold a value, in the order in which the values came

	// Reused by each call.
	publish  []device.Reading
	withheld []device.Withheld
}

// New returns the rules for the readings of a device.
func New(specs device.ReadingSpecs) *Rules {
	r := &Rules{specs: specs, of: make(map[string]*rule, len(specs)), matched: map[string]*rule{}}
	for name, spec := range specs {
		if device.IsPattern(name) {
			r.patterns = true
		} else {
			r.of[name] = newRule(name, spec)
		}
	}
	for name, spec := range specs {
		if _, known := specs[spec.Rename]; spec.Rename != "" && !known {
			r.of[spec.Rename] = shadowed(name)
		}
	}
	return r
}

// Apply takes the readings of a line that was read at this time. It returns those to
// publish, under their published names, and the others with the reason. Both are valid
// until the next call, and only as long as readings is.
func (r *Rules) Apply(at time.Time, readings []device.Reading) (publish []device.Reading, withheld []device.Withheld) {
	if len(r.of) == 0 && !r.patterns {
		return readings, nil
	}
	r.publish, r.withheld = r.publish[:0], r.withheld[:0]
	for _, reading := range readings {
		rule := r.find(reading.Name)
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

// mostMatched bounds the readings that have a rule by a pattern. If there are more, their
// last values are forgotten.
const mostMatched = 256

// find returns the rule of a reading, nil if it has none.
func (r *Rules) find(name string) *rule {
	if rule := r.of[name]; rule != nil || !r.patterns {
		return rule
	}
	rule, known := r.matched[name]
	if !known {
		if len(r.matched) >= mostMatched {
			clear(r.matched)
		}
		if spec, ok := r.specs.Of(name); ok {
			rule = newRule(name, spec)
		}
		r.matched[strings.Clone(name)] = rule
	}
	return rule
}

// track updates the list of rules that hold a value; before is whether this one did.
func (r *Rules) track(of *rule, before bool) {
	switch {
	case of.held && !before:
		r.held = append(r.held, of)
	case before && !of.held:
		r.held = slices.DeleteFunc(r.held, func(one *rule) bool { return one == of })
	}
}

// Due returns a held value whose min_interval has passed, as a line with the time at which
// the value was read; false if there is none. The line is valid until the next call.
func (r *Rules) Due(at time.Time) (device.Line, bool) {
	for _, rule := range r.held {
		if rule.mayPublish(at) {
			return r.release(rule, at), true
		}
	}
	return device.Line{}, false
}

// Rest is Due without regard to min_interval. Call it when the port closes: no other value
// may come.
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
