package daemon

import (
	"cmp"
	"strings"
	"sync/atomic"

	"arduino-gateway/device"
	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// Machine returns where to look for serial ports. GATEWAY_TEST_ROOT names a
// folder with sys, dev, proc and run in it that stands for /; it is for tests,
// which have no USB.
func Machine(getenv func(string) string) ports.Machine {
	return ports.Machine{Root: cmp.Or(getenv("GATEWAY_TEST_ROOT"), "/")}
}

// finder tells a port where its board is plugged in, and remembers which it was.
// A server of serial ports is found by its address alone.
type finder struct {
	*ports.Lease
	server string // its address; "" is none
	found  *atomic.Pointer[ports.Port]
}

func (f finder) Find() (serialbridge.Place, error) {
	if f.server != "" {
		f.Release() // what was held for the device before it was this one
		return serialbridge.Place{Path: f.server}, nil
	}
	port, err := f.Lease.Find()
	if err == nil {
		f.found.Store(&port)
	}
	return serialbridge.Place{Path: port.Path, Chip: Chip(port)}, err
}

// Chip returns what the port's chip does to the board when the port is opened.
func Chip(port ports.Port) serialbridge.Chip { return chips[port.Chip.Kind] }

var chips = map[ports.Kind]serialbridge.Chip{
	ports.Unknown: serialbridge.UnknownChip,
	ports.Bridge:  serialbridge.AutoReset,
	ports.Native:  serialbridge.NativeUSB,
	ports.OnBoard: serialbridge.OnBoardUART,
}

// portOptions returns the options of a device's port. lastBaud is the rate at which
// its board was read before, 0 if it was not; found is set to the board that is
// plugged in.
func portOptions(d device.Device, lastBaud int, lease *ports.Lease, found *atomic.Pointer[ports.Port]) serialbridge.Options {
	f := finder{Lease: lease, found: found}
	if strings.Contains(d.Port, "://") {
		f.server = d.Port
	}
	return serialbridge.Options{Device: d.ID, Port: d.Port, Baud: d.Baud, LastBaud: lastBaud, Gap: d.Gap, Silence: d.Silence,
		ResetOnOpen: d.ResetOnOpen, DTR: d.DTR, BootTime: d.BootTime, Finder: f}
}
