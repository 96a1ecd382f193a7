package avr_test

import (
	"testing"

	"pgregory.net/rapid"

	"arduino-gateway/simulator/avr"
)

// wiring is as on the data sheet of the Uno.
var wiring = map[string]string{
	"D0": "PD0", "D3": "PD3", "D7": "PD7", "D8": "PB0", "D9": "PB1", "D13": "PB5", "A0": "PC0", "A5": "PC5",
}

func TestPins_HaveTwoNames(t *testing.T) {
	for arduino, chip := range wiring {
		if got, err := avr.ChipPin(arduino); got != chip || err != nil {
			t.Errorf("ChipPin(%s) = %s, %v, want %s", arduino, got, err, chip)
		}
		if got, err := avr.ArduinoPin(chip); got != arduino || err != nil {
			t.Errorf("ArduinoPin(%s) = %s, %v, want %s", chip, got, err, arduino)
		}
	}
}

func TestPins_RejectUnknownNames(t *testing.T) {
	for _, name := range []string{"", "D", "D14", "A6", "D-1", "D+1", "D01", "B5", "PB5", "13", "d13", "D999"} {
		if got, err := avr.ChipPin(name); err == nil {
			t.Errorf("ChipPin(%q) = %s", name, got)
		}
	}
	for _, name := range []string{"", "P", "PB6", "PC6", "PD8", "PA0", "D13", "B5", "PPB5"} {
		if got, err := avr.ArduinoPin(name); err == nil {
			t.Errorf("ArduinoPin(%q) = %s", name, got)
		}
	}
}

// For any text, a pin of the chip has an Arduino name that leads back to it.
func TestPins_LeadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`P?[A-E]?[0-9]{1,2}`).Draw(t, "name")
		if chip, err := avr.ChipPin(name); err == nil {
			if back, err := avr.ArduinoPin(chip); back != name || err != nil {
				t.Errorf("%s is %s is %s, %v", name, chip, back, err)
			}
		}
	})
}
