package ports

import "strings"

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
}

// drivers name a chip whose identity is not in the table.
var drivers = map[string]string{"ch341": "CH34x", "cp210x": "CP210x", "ftdi_sio": "FTDI", "pl2303": "PL2303"}

// chipOf returns the chip of a USB ID, or else the chip that its driver serves. Adafruit
// and Seeed number sketches from 8000 up and bootloaders below.
func chipOf(vid, pid, driver string) Chip {
	if chip, known := chips[vid+":"+pid]; known {
		return chip
	}
	if name := drivers[driver]; name != "" {
		return bridge(name, "")
	}
	switch {
	case vid == "303a":
		return native("ESP32", "")
	case vid == "2e8a" && driver == "cdc_acm":
		return native("RP2040 or RP2350", "")
	case (vid == "239a" || vid == "2886") && driver == "cdc_acm":
		return Chip{Kind: Native, Bootloader: strings.Compare(pid, "8000") < 0}
	}
	return Chip{}
}
