package serialbridge

import "fmt"

// Rates says which baud rates may be set on a port. To many boards a slow rate is
// an order: 1200 baud erases the sketch of an Arduino Due, 1200 and 2400 reset an
// Uno R4 WiFi, and 1200 starts the bootloader of most boards with a USB of their
// own.
type Rates uint8

const (
	CarefulRates Rates = iota // an unknown board: a search tries none below 4800 baud
	AllRates                  // a UART that does nothing at any rate but use it: a search tries them all
	FastRates                 // below 4800 baud is, or may be, an order to the board: never set
	NoRates                   // the board has no rate: always 115200 baud
)

// SlowestSafe is the slowest rate that is an order to no known board, in bits a
// second.
const SlowestSafe = 4800

// tries reports whether a search may set a rate.
func (r Rates) tries(baud int) bool {
	switch r {
	case AllRates:
		return true
	case NoRates:
		return baud == FirstBaud
	}
	return baud >= SlowestSafe
}

// fixed returns the rate to set where a user wants one; 0 is a search.
func (r Rates) fixed(wanted int) (int, error) {
	switch {
	case r == NoRates && wanted != 0:
		return FirstBaud, nil
	case r == FastRates && wanted != 0 && wanted < SlowestSafe:
		return 0, fmt.Errorf("%w: %d", errOrder, wanted)
	}
	return wanted, nil
}

// rates returns the rates of the place. A board with its own USB has none, unless
// the Finder knows better.
func (p Place) rates() Rates {
	if p.Chip == NativeUSB && p.Rates == CarefulRates {
		return NoRates
	}
	return p.Rates
}
