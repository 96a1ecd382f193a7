package history

import (
	"math"
	"strconv"
	"strings"
	"time"

	"arduino-gateway/device"
)

// maxText is the number of bytes of a value that are kept.
const maxText = 128

// series is one reading of one device.
type series struct {
	name    string
	unit    string
	text    []byte // each value reuses its memory
	at      time.Time
	version uint64 // of the recorder at the last change
	numbers ring
}

func (s *series) set(at time.Time, bucket int64, r *device.Reading) {
	if s.unit != r.Unit {
		s.unit = strings.Clone(r.Unit)
	}
	s.text = append(s.text[:0], r.Value[:min(len(r.Value), maxText)]...)
	s.at = at
	if v, ok := number(r.Value); ok {
		s.numbers.add(bucket, v)
	}
}

// number returns the number that a chart draws for a value: 1 for on and true, 0 for off
// and false.
func number(value string) (float32, bool) {
	switch {
	case value == "":
		return 0, false
	case value[0] >= 'A':
		return truth(value)
	}
	v, err := strconv.ParseFloat(value, 32)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, false
	}
	return float32(v), true
}

func truth(value string) (float32, bool) {
	switch strings.ToLower(value) {
	case "on", "true":
		return 1, true
	case "off", "false":
		return 0, true
	}
	return 0, false
}
