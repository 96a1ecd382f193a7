package deviceclass

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"arduino-gateway/internal/lineformat"
)

// rules are Home Assistant's own, of a newer version than the table: units from
// homeassistant/generated/sensor.json (commit 00d6181), state classes from
// homeassistant/components/sensor/const.py (commit 3fd1a33).
type rules map[string]struct {
	Units        []string // "" is a value without unit; nil: the class is not a key there
	StateClasses []string `json:"state_classes"`
}

func load(t *testing.T) (all rules) {
	t.Helper()
	data, err := os.ReadFile("testdata/sensor.json")
	if err == nil {
		err = json.Unmarshal(data, &all)
	}
	if err != nil || len(all) < 50 {
		t.Fatal(err, len(all))
	}
	return all
}

// rewritten returns the unit as a newer Home Assistant rewrites it (AMBIGUOUS_UNITS):
// a micro sign becomes a Greek mu.
func rewritten(unit string) string { return strings.ReplaceAll(unit, "µ", "μ") }

// Every class of the table exists in Home Assistant, with these units and state
// classes.
func TestClasses_AreHomeAssistants(t *testing.T) {
	all := load(t)
	for _, name := range Names() {
		class, _ := Find(name)
		rule, ok := all[name]
		if !ok {
			t.Errorf("Home Assistant has no class %s", name)
			continue
		}
		for _, unit := range class.Units {
			if !slices.Contains(rule.Units, rewritten(unit)) {
				t.Errorf("%s does not allow %q", name, unit)
			}
		}
		if class.StateClass != "" && !slices.Contains(rule.StateClasses, class.StateClass) {
			t.Errorf("%s does not allow state class %s", name, class.StateClass)
		}
		if class.Text != (len(rule.StateClasses) == 0) {
			t.Errorf("%s: text %t", name, class.Text)
		}
		if class.Implied != "" && len(rule.Units) != 1 {
			t.Errorf("%s implies a unit, and has several: %q", name, rule.Units)
		}
	}
}

// special are classes that are a special case of another one with the same units.
var special = map[string]string{
	"temperature_delta": "temperature", "atmospheric_pressure": "pressure", "wind_speed": "speed",
}

// No other class has a unit that identifies one.
func TestFromUnit_IsUnambiguous(t *testing.T) {
	all := load(t)
	for unit, name := range byUnit {
		for other, rule := range all {
			if other != name && special[other] != name && slices.Contains(rule.Units, rewritten(unit)) {
				t.Errorf("%s may be %s, and %s too", unit, name, other)
			}
		}
		if class, _ := Find(name); !class.Allows(unit) {
			t.Errorf("%s does not allow %s", name, unit)
		}
	}
}

// Units as boards write them have this spelling, and this class.
func TestUnit_SpellsUnitsOfBoards(t *testing.T) {
	for _, c := range []struct{ written, unit, class string }{
		{"°C", "°C", "temperature"}, {"degrees F", "°F", "temperature"}, {"%", "%", ""}, {"%RH", "%", "humidity"},
		{"hPa", "hPa", "pressure"}, {"uV", "µV", "voltage"}, {"mm", "mm", ""}, {"kWh", "kWh", ""}, {"g", "g", ""},
		{"lux", "lx", "illuminance"}, {"seconds", "s", "duration"}, {"ohms", "Ω", ""}, {"°", "°", ""}, {"", "", ""},
	} {
		if Unit(c.written) != c.unit || FromUnit(c.written) != c.class {
			t.Errorf("%q: %q, %q", c.written, Unit(c.written), FromUnit(c.written))
		}
	}
	for written, unit := range spellings {
		if !slices.Contains(lineformat.Units, written) || spellings[unit] != "" {
			t.Errorf("no board writes %q, or it takes two steps", written)
		}
	}
}

// A class allows its own units.
func TestClass_Allows(t *testing.T) {
	for _, c := range []struct {
		class, unit string
		want        bool
	}{
		{"temperature", "°C", true}, {"temperature", "%", false}, {"temperature", "", false},
		{"ph", "", true}, {"ph", "V", false}, {"power_factor", "", true}, {"power_factor", "%", true},
		{"timestamp", "", true}, {"timestamp", "s", false}, {"monetary", "EUR", true},
	} {
		class, ok := Find(c.class)
		if !ok || class.Allows(c.unit) != c.want {
			t.Errorf("%s with %q", c.class, c.unit)
		}
	}
	if _, ok := Find("hotness"); ok {
		t.Error("found")
	}
}
