package daemon

import (
	"cmp"
	"strings"
	"sync/atomic"

	"arduino-gateway/device"
	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// Machine returns where to look for serial ports. The variable GATEWAY_TEST_ROOT names
// a folder with sys, dev, proc and run in it to use in place of /. It is for tests,
// which have no USB.
func Machine(getenv func(string) string) ports.Machine {
	return ports.Machine{Root: cmp.Or(getenv("GATEWAY_TEST_ROOT"), "/")}
}

// locator is the Finder of a device's port: it returns where the board is plugged in,
// and records which board it was. A server of serial ports has a fixed address.
type locator struct {
	*ports.Lease
	server  string // its address; "" is none
	located *atomic.Pointer[ports.Port]
}

// Find leases the port and returns where it is.
func (l locator) Find() (serialbridge.Place, error) {
	if l.server != "" {
		l.Release() // a port that the device had before it was at a server
		return serialbridge.Place{Path: l.server}, nil
	}
	port, err := l.Lease.Find()
	if err == nil {
		l.located.Store(&port)
	}
	place := Place(port)
	place.USB = l.USBNode(port)
	return place, err
}

// Place returns where a port is, what opening it does to its board, and which baud
// rates may be set on it.
func Place(port ports.Port) serialbridge.Place {
	return serialbridge.Place{Path: port.Path, Chip: chips[port.Chip.Kind], Rates: rates[port.Rates()]}
}

var rates = map[ports.Rates]serialbridge.Rates{
	ports.CarefulRates: serialbridge.CarefulRates,
	ports.AllRates:     serialbridge.AllRates,
	ports.FastRates:    serialbridge.FastRates,
	ports.NoRates:      serialbridge.NoRates,
}

var chips = map[ports.Kind]serialbridge.Chip{
	ports.Unknown: serialbridge.UnknownChip,
	ports.Bridge:  serialbridge.AutoReset,
	ports.Native:  serialbridge.NativeUSB,
	ports.OnBoard: serialbridge.OnBoardUART,
}

// portOptions returns the options of a device's port. lastBaud is the rate at which
// its board was read before, 0 if it was not; located is set to the port that is opened.
func portOptions(d device.Device, lastBaud int, lease *ports.Lease, located *atomic.Pointer[ports.Port]) serialbridge.Options {
	l := locator{Lease: lease, located: located}
	if strings.Contains(d.Port, "://") {
		l.server = d.Port
	}
	return serialbridge.Options{Device: d.ID, Port: d.Port, Baud: d.Baud, LastBaud: lastBaud, MaxLine: d.MaxLine, Gap: d.Gap, Silence: d.Silence,
		ResetOnOpen: d.ResetOnOpen, DTR: d.DTR, BootTime: d.BootTime, Finder: l}
}
