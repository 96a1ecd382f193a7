package homeassistant

import (
	"math"
	"strconv"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceclass"
)

// Reading is what was found out about one from its values.
type Reading struct {
	Text  bool   `json:"text,omitempty"`  // a value was no number
	Unit  string `json:"unit,omitempty"`  // as the board wrote it first
	Mixed bool   `json:"mixed,omitempty"` // there was another one: the values have no one unit
	Day   int64  `json:"day"`             // on which it came last, counted from 1970
}

// keptDays is how long a reading is announced that does not come any more,
// while others of its device do.
const keptDays = 30

func dayOf(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// with adds what a value tells.
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

// news tells whether there is more to say of the reading than before.
func (r Reading) news(before Reading) bool {
	r.Day = before.Day
	return r != before
}

// isNumber tells whether a board means a number; what it prints for want of one,
// such as a sensor's nan, is one too.
func isNumber(text string) bool {
	if text == "" || text[0] > '9' && text[0]|0x20 != 'i' && text[0]|0x20 != 'n' && text != "ovf" {
		return false // without the error that ParseFloat would allocate
	}
	number, err := strconv.ParseFloat(text, 64)
	return err == nil || math.IsInf(number, 0) || text == "ovf"
}

// forget drops the readings that have not come for so long.
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

// title makes a name one for people: soil_moisture is Soil moisture.
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
