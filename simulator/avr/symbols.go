package avr

import (
	"debug/elf"
	"strings"
)

// elfOf returns the path of the file with the symbols of a firmware.
func elfOf(hex string) string { return strings.TrimSuffix(hex, ".hex") + ".elf" }

// The object Serial of the core: its size with the usual buffers, and where in it
// the head of the receive buffer is. The tail is behind that.
const (
	serialSize = 157
	serialHead = 25
)

// receiveRing returns the address of the head of the receive buffer; 0 if the
// firmware has no symbols, or another Serial than an Uno.
func receiveRing(hex string) uint16 {
	file, err := elf.Open(elfOf(hex))
	if err != nil {
		return 0
	}
	defer file.Close()
	symbols, err := file.Symbols()
	if err != nil {
		return 0
	}
	for _, s := range symbols {
		if s.Name == "Serial" && s.Size == serialSize {
			return uint16(s.Value) + serialHead // without the 0x800000 that marks RAM
		}
	}
	return 0
}
