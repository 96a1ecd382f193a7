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

// rule is the rule of one reading, with the reading's last values.
type rule struct {
	spec device.ReadingSpec
	name string // under which it is published

	// Why a value is withheld. They are made once, not for each value.
	ignored, notNumber, below, above, early string

	sent sample // the last published value
	next sample // the held value, if held
	held bool
}

// sample is a value of the reading.
type sample struct {
	read      time.Time
	published time.Time // zero: never
	text      []byte    // as the board wrote it; a copy in reused memory
	number    float64   // NaN if the text is not a number
	unit      string
}

func newRule(name string, spec device.ReadingSpec) *rule {
	r := &rule{spec: spec, name: cmp.Or(spec.Rename, name), ignored: "ignored"}
	r.notNumber = "not a number, and it has bounds"
	if spec.Min != nil {
		r.below = fmt.Sprintf("below min %v", *spec.Min)
	}
	if spec.Max != nil {
		r.above = fmt.Sprintf("above max %v", *spec.Max)
	}
	r.early = fmt.Sprintf("held, min_interval is %v", spec.MinInterval)
	return r
}

// shadowed is the rule of a reading whose name the configuration gives to another reading.
func shadowed(renamed string) *rule {
	return &rule{spec: device.ReadingSpec{Ignore: true}, ignored: "its name is used by " + renamed}
}

// decide returns why a value that was read at this time is withheld, or "". bad reports that
// the value itself is wrong.
func (r *rule) decide(at time.Time, reading device.Reading) (why string, bad bool) {
	if r.spec.Ignore {
		return r.ignored, false
	}
	number := numberIn(reading.Value)
	if why := r.outside(number); why != "" {
		return why, true
	}
	if r.isUnchanged(at, reading.Value, number) {
		r.held = false // it replaces the held value
		return unchanged, false
	}
	if !r.mayPublish(at) {
		r.held = true
		r.next.take(at, reading, number)
		return r.early, false
	}
	r.held = false
	r.sent.take(at, reading, number)
	r.sent.published = at
	return "", false
}

// outside returns why a number is out of bounds, or "". NaN and infinity always are.
func (r *rule) outside(number float64) string {
	low, high := r.spec.Min, r.spec.Max
	switch {
	case low == nil && high == nil:
		return ""
	case math.IsNaN(number) || math.IsInf(number, 0):
		return r.notNumber
	case low != nil && number < *low:
		return r.below
	case high != nil && number > *high:
		return r.above
	}
	return ""
}

// isUnchanged reports whether the value is within the dead band around the last published
// one, and max_interval has not passed.
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

// rounding is the error of a difference of decimal numbers in binary: 23.5-23.4 is
// 0.10000000000000142, and must count as within ±0.1. A test for equality needs none.
func rounding(number, band float64) float64 {
	if band == 0 {
		return 0
	}
	return math.Abs(number) * 1e-14
}

// mayPublish reports whether min_interval has passed.
func (r *rule) mayPublish(at time.Time) bool {
	return r.sent.published.IsZero() || at.Sub(r.sent.published) >= r.spec.MinInterval
}

// named returns the reading under its published name and unit.
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

// numberIn returns NaN if the text is not a number, such as "open", "ovf" and "nan".
func numberIn(text string) float64 {
	if text == "" || text[0] > '9' && text[0]|0x20 != 'i' {
		return math.NaN() // avoids the error that ParseFloat would allocate
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(number, 0) { // 1e999 is a number, too
		return math.NaN()
	}
	return number
}
