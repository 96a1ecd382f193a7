package avr

import (
	"fmt"
	"strconv"
	"strings"
)

// Level is the state of a pin, as seen from outside.
type Level int

// The levels of a pin. The board does not drive an Input.
const (
	Input Level = -1
	Low   Level = 0
	High  Level = 1
)

func (l Level) String() string {
	switch l {
	case Low:
		return "low"
	case High:
		return "high"
	}
	return "input"
}

// A block is a range of Arduino pins that are neighbours on a port of the chip.
type block struct {
	letter byte // in the Arduino name: D digital, A analog
	first  int  // its first Arduino pin
	port   byte // of the chip; bits count from 0
	count  int
}

// blocks is the Uno's wiring.
var blocks = []block{
	{'D', 0, 'D', 8},
	{'D', 8, 'B', 6},
	{'A', 0, 'C', 6},
}

// ChipPin returns the chip's name for a pin of an Arduino Uno: D13 is PB5, A0 is
// PC0.
func ChipPin(arduino string) (string, error) {
	letter, n, ok := splitPin(arduino)
	for _, b := range blocks {
		if ok && letter == b.letter && n >= b.first && n < b.first+b.count {
			return fmt.Sprintf("P%c%d", b.port, n-b.first), nil
		}
	}
	return "", fmt.Errorf("an Uno has no pin %q (hint: D0 to D13, A0 to A5)", arduino)
}

// ArduinoPin returns the Arduino Uno's name for a pin of the chip: PB5 is D13.
func ArduinoPin(chip string) (string, error) {
	letter, n, ok := splitPin(strings.TrimPrefix(chip, "P"))
	for _, b := range blocks {
		if ok && strings.HasPrefix(chip, "P") && letter == b.port && n < b.count {
			return fmt.Sprintf("%c%d", b.letter, b.first+n), nil
		}
	}
	return "", fmt.Errorf("an Uno has no chip pin %q (hint: PB0 to PB5, PC0 to PC5, PD0 to PD7)", chip)
}

// consolePin returns the name of a pin for unosim: D13, PB5 and B5 are B5. D3 is
// the Arduino's digital 3, which is PD3 as well.
func consolePin(name string) (string, error) {
	if chip := "P" + strings.TrimPrefix(name, "P"); !strings.HasPrefix(name, "D") {
		if _, err := ArduinoPin(chip); err == nil {
			return chip[1:], nil
		}
	}
	chip, err := ChipPin(name)
	return strings.TrimPrefix(chip, "P"), err
}

// splitPin splits D13 into D and 13. The number has no sign and no leading zero.
func splitPin(name string) (letter byte, number int, ok bool) {
	if len(name) < 2 {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(name[1:], 10, 8)
	return name[0], int(n), err == nil && strconv.FormatUint(n, 10) == name[1:]
}
