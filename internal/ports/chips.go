package ports

import (
	"slices"
	"strings"
)

// Kind is what opening a port does to its board.
type Kind uint8

// The kinds of ports.
const (
	Unknown Kind = iota // opening may reset the board
	Bridge              // a USB-to-serial chip: opening resets the board behind it
	Native              // the board's own USB: opening resets nothing, it prints only while DTR is up
	OnBoard             // a UART of this machine: opening resets nothing
)

// String returns the kind as scripts read it.
func (k Kind) String() string {
	return [...]string{"unknown", "bridge", "native", "uart"}[k]
}

// Chip is what the table knows about a USB identity. Unknown texts are "".
type Chip struct {
	Kind       Kind
	Name       string // such as CH340
	Board      string // if the identity belongs to one board
	Bootloader bool   // the board is in its bootloader and runs no sketch
	Source     string // where the table has this from; "": it is a guess by vendor or driver

	// SlowIsOrder means that a rate below 4800 baud is an order to the board, such as
	// to erase its sketch. To a board of kind Native it always may be.
	SlowIsOrder bool
}

// drivers name a chip whose identity is not in the table.
var drivers = map[string]string{"ch341": "CH34x", "cp210x": "CP210x", "ftdi_sio": "FTDI", "pl2303": "PL2303"}

// Rates is which baud rates may be set on a port.
type Rates uint8

// The rates of a port, from its chip and its driver.
const (
	CarefulRates Rates = iota // a search tries none below 4800 baud: what they mean to the board is unknown
	AllRates                  // a UART that takes any rate
	FastRates                 // below 4800 baud is, or may be, an order to the board: never set
	NoRates                   // the board's own USB has no rate: always 115200 baud
)

// uarts are the drivers of chips that do nothing at any rate but use it.
var uarts = []string{"ch341", "cp210x", "ftdi_sio", "pl2303"}

// Rates returns which baud rates may be set on the port. A port of which nothing is
// known, such as a pseudo-terminal, is CarefulRates.
func (p Port) Rates() Rates {
	switch {
	case p.Chip.Kind == Native && p.Chip.Source != "":
		return NoRates
	case p.Chip.SlowIsOrder, p.Chip.Kind == Native:
		return FastRates
	case slices.Contains(uarts, p.Driver), p.Chip.Kind == OnBoard && p.Driver != "" && !p.isCDC():
		return AllRates
	case p.isCDC() && p.Chip.Kind == Unknown && p.Chip.Source == "":
		return FastRates
	}
	return CarefulRates
}

// isCDC reports whether the driver is that of boards with a USB of their own, and of
// some bridges. macOS names the port after it.
func (p Port) isCDC() bool {
	return p.Driver == "cdc_acm" || strings.HasPrefix(p.node, "cu.usbmodem")
}

// chipOf returns the chip of a USB ID, or else the chip that its driver serves. Adafruit
// and Seeed number sketches from 8000 up and bootloaders below.
func chipOf(vid, pid, driver string) Chip {
	if chip, known := chips()[vid+":"+pid]; known {
		return chip
	}
	if name := drivers[driver]; name != "" {
		return Chip{Kind: Bridge, Name: name}
	}
	switch {
	case vid == "303a":
		return Chip{Kind: Native, Name: "ESP32"}
	case vid == "2e8a" && driver == "cdc_acm":
		return Chip{Kind: Native, Name: "RP2040 or RP2350"}
	case (vid == "239a" || vid == "2886") && driver == "cdc_acm":
		return Chip{Kind: Native, Bootloader: strings.Compare(pid, "8000") < 0}
	}
	return Chip{}
}

// Identify returns what is known of any port with a USB identity, in lower case, and
// a driver; "" is an unknown one.
func Identify(vid, pid, driver string) Port {
	return Port{VID: vid, PID: pid, Driver: driver, Chip: chipOf(vid, pid, driver)}
}
