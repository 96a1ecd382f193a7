package homeassistant

import (
	"math"
	"strconv"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceclass"
)

// Reading is what was learned about a reading from its values.
type Reading struct {
	Text  bool   `json:"text,omitempty"`  // a value was not a number
	Unit  string `json:"unit,omitempty"`  // as the board wrote it first
	Mixed bool   `json:"mixed,omitempty"` // there was another unit: the values have no common one
	Day   int64  `json:"day"`             // day of the last value, counted from 1970
}

// keptDays is how long a reading stays announced after its last value, while other
// readings of its device arrive.
const keptDays = 30

func dayOf(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// with returns the reading with what a value adds.
func (r Reading) with(value device.Reading, day int64) Reading {
	r.Text = r.Text || !isNumber(value.Value)
	switch unit := value.Unit; {
	case r.Unit == "":
		r.Unit = unit
	case unit != "" && unit != r.Unit && deviceclass.Unit(unit) != deviceclass.Unit(r.Unit):
		r.Mixed = true
	}
	r.Day = max(r.Day, day)
	return r
}

// differs reports whether the reading must be announced differently than before.
func (r Reading) differs(before Reading) bool {
	r.Day = before.Day
	return r != before
}

// isNumber reports whether a value is numeric. What a board prints for a missing
// number, such as nan, counts as one.
func isNumber(text string) bool {
	if text == "" || text[0] > '9' && text[0]|0x20 != 'i' && text[0]|0x20 != 'n' && text != "ovf" {
		return false // ParseFloat would allocate an error
	}
	number, err := strconv.ParseFloat(text, 64)
	return err == nil || math.IsInf(number, 0) || text == "ovf"
}

// forget drops readings without a value for more than keptDays.
func forget(readings map[string]Reading) {
	var last int64
	for _, r := range readings {
		last = max(last, r.Day)
	}
	for name, r := range readings {
		if r.Day+keptDays < last {
			delete(readings, name)
		}
	}
}

// title returns a name for people: soil_moisture becomes Soil moisture.
func title(name string) string {
	words := strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
	if words == "" {
		return name
	}
	for i := range words {
		if i > 0 {
			return strings.ToUpper(words[:i]) + words[i:]
		}
	}
	return strings.ToUpper(words)
}
