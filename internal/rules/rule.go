package rules

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"time"

	"arduino-gateway/device"
)

const unchanged = "unchanged"

// rule is that of one reading, and what it remembers of it.
type rule struct {
	spec device.ReadingSpec
	name string // under which it is published

	// Why a value is withheld, ready to be told with each.
	ignored, unbounded, below, above, early string

	sent sample // published last
	next sample // held, if held
	held bool
}

// sample is a value of the reading.
type sample struct {
	read      time.Time
	published time.Time // zero is never
	text      []byte    // as the board wrote it; a copy, its room used again
	number    float64   // NaN where the text is none
	unit      string
}

func newRule(name string, spec device.ReadingSpec) *rule {
	r := &rule{spec: spec, name: cmp.Or(spec.Rename, name), ignored: "ignored"}
	r.unbounded = "no number, and it has bounds"
	if spec.Min != nil {
		r.below = fmt.Sprintf("below min %v", *spec.Min)
	}
	if spec.Max != nil {
		r.above = fmt.Sprintf("above max %v", *spec.Max)
	}
	r.early = fmt.Sprintf("held, min_interval is %v", spec.MinInterval)
	return r
}

// nameless is the rule for what the board calls by a name that the
// configuration gives to another reading.
func nameless(renamed string) *rule {
	return &rule{spec: device.ReadingSpec{Ignore: true}, ignored: "its name is given to " + renamed}
}

// decide gives the reason to withhold a value that was read at the time given,
// "" for none. bad tells that the value itself is to blame.
func (r *rule) decide(at time.Time, reading device.Reading) (why string, bad bool) {
	if r.spec.Ignore {
		return r.ignored, false
	}
	number := numberIn(reading.Value)
	if why := r.outside(number); why != "" {
		return why, true
	}
	if r.isUnchanged(at, reading.Value, number) {
		r.held = false // what was held is over
		return unchanged, false
	}
	if !r.over(at) {
		r.held = true
		r.next.take(at, reading, number)
		return r.early, false
	}
	r.held = false
	r.sent.take(at, reading, number)
	r.sent.published = at
	return "", false
}

// outside tells why the bounds keep a number out: nan and inf are in none.
func (r *rule) outside(number float64) string {
	low, high := r.spec.Min, r.spec.Max
	switch {
	case low == nil && high == nil:
		return ""
	case math.IsNaN(number) || math.IsInf(number, 0):
		return r.unbounded
	case low != nil && number < *low:
		return r.below
	case high != nil && number > *high:
		return r.above
	}
	return ""
}

// isUnchanged tells whether the value is within the dead band around the one
// published last, and that one young enough.
func (r *rule) isUnchanged(at time.Time, text string, number float64) bool {
	last, band := &r.sent, r.spec.Deadband
	if band == nil || last.published.IsZero() {
		return false
	}
	if longest := r.spec.MaxInterval; longest > 0 && at.Sub(last.published) >= longest {
		return false
	}
	if math.IsNaN(number) || math.IsNaN(last.number) {
		return text == string(last.text)
	}
	return number == last.number || math.Abs(number-last.number) <= *band+rounding(number, *band)
}

// rounding is what binary numbers add to a difference of decimal ones:
// 23.5-23.4 is 0.10000000000000142, and within ±0.1. Whether a value is the
// same needs none.
func rounding(number, band float64) float64 {
	if band == 0 {
		return 0
	}
	return math.Abs(number) * 1e-14
}

// over tells whether min_interval is.
func (r *rule) over(at time.Time) bool {
	return r.sent.published.IsZero() || at.Sub(r.sent.published) >= r.spec.MinInterval
}

// named is the reading as it is published.
func (r *rule) named(reading device.Reading) device.Reading {
	reading.Name = r.name
	reading.Unit = cmp.Or(r.spec.Unit, reading.Unit)
	return reading
}

// release publishes the held value.
func (r *rule) release(at time.Time) device.Reading {
	r.sent, r.next, r.held = r.next, r.sent, false
	r.sent.published = at
	return r.named(device.Reading{Value: string(r.sent.text), Unit: r.sent.unit})
}

func (s *sample) take(at time.Time, reading device.Reading, number float64) {
	s.read, s.text, s.number, s.unit = at, append(s.text[:0], reading.Value...), number, reading.Unit
}

// numberIn is NaN for a text that is none, such as "open", "ovf" and "nan".
func numberIn(text string) float64 {
	if text == "" || text[0] > '9' && text[0]|0x20 != 'i' {
		return math.NaN() // without the error that ParseFloat would allocate
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(number, 0) { // beyond all numbers is a number too
		return math.NaN()
	}
	return number
}
