package homeassistant

import (
	"math"
	"strconv"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/deviceclass"
)

// traits is what was learned about a reading from its values.
type traits struct {
	Text  bool   `json:"text,omitempty"`  // a value was not a number
	Unit  string `json:"unit,omitempty"`  // as the board wrote it first
	Mixed bool   `json:"mixed,omitempty"` // there was another unit: the values have no common one
	Day   int64  `json:"day"`             // day of the last value, counted from 1970
}

// keptDays is how long a reading stays announced after its last value, while other
// readings of its device arrive.
const keptDays = 30

func dayOf(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// with returns the traits after one more value.
func (t traits) with(value device.Reading, day int64) traits {
	t.Text = t.Text || !isNumber(value.Value)
	switch unit := value.Unit; {
	case t.Unit == "":
		t.Unit = unit
	case unit != "" && unit != t.Unit && deviceclass.Unit(unit) != deviceclass.Unit(t.Unit):
		t.Mixed = true
	}
	t.Day = max(t.Day, day)
	return t
}

// patience is the number of odd values that change what is known about a reading. One that
// a board prints by mistake must not take the unit and the statistics of a sensor.
const patience = 3

// doubt counts the values of one reading that do not fit its traits.
type doubt struct {
	texts int // patience for each value that is not a number, less one for each that is
	units int // values in another unit
}

// settle counts the latest value, with which traits before would become now. It returns
// now without what is still in doubt.
func (d *doubt) settle(before, now traits) traits {
	if now.Text != before.Text {
		if d.texts += patience; d.texts < patience*patience {
			now.Text = before.Text
		} else {
			d.texts = 0
		}
	} else if d.texts > 0 {
		d.texts--
	}
	if now.Mixed != before.Mixed {
		if d.units++; d.units < patience {
			now.Mixed = before.Mixed
		} else {
			d.units = 0
		}
	}
	return now
}

// oldest returns the reading without a value for longest.
func oldest(readings map[string]traits) (name string, found bool) {
	for one, r := range readings {
		if !found || r.Day < readings[name].Day {
			name, found = one, true
		}
	}
	return name, found
}

// differs reports whether the reading must be announced differently.
func (t traits) differs(before traits) bool {
	t.Day = before.Day
	return t != before
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
func forget(readings map[string]traits) {
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
