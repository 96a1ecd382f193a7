package ports

import (
	"cmp"
	"strings"

	"arduino-gateway/internal/portowner"
)

// Port is one serial port, or a board whose port is missing. A text that is not
// known is "".
type Port struct {
	Path  string   // of the node, such as /dev/ttyUSB0; "" where a known board has no port at all
	Value string   // what to write as port: in devices.yaml; "" without a Path
	Links []string // other names for Path, such as /dev/serial/by-id/…; those first

	VID, PID     string // as four hexadecimal digits in lower case: 1a86, 7523; "" is no USB device
	Serial       string
	Manufacturer string
	Product      string
	USBPath      string // where it is plugged in, such as 1-1.2: bus 1, port 1, port 2 of the hub there
	Interface    string // of the USB device, as configuration and number: 1.0
	Driver       string // of the kernel, such as ch341

	Chip     Chip
	Holder   *portowner.Process // who has it open, as far as can be seen; nil: nobody
	Sharer   *portowner.Process // who has it open as well
	Problems []Problem          // what is wrong with it, the worst first

	node string // its name in /sys/class/tty, such as ttyUSB0
	at   string // its folder in /sys
}

// Problem is something that keeps a port from being used, or will.
type Problem struct {
	Kind string `json:"kind"`          // one word for scripts
	What string `json:"what"`          // a sentence without its full stop
	Fix  string `json:"fix,omitempty"` // the exact command that mends it; "" where a person has to decide
}

// The kinds of problems.
const (
	NoPermission  = "permission"
	Held          = "held"
	Shared        = "shared"
	NoNode        = "no-node"
	NoPort        = "no-port"
	InBootloader  = "bootloader"
	KernelConsole = "console"
	ModemManager  = "modemmanager"
	Brltty        = "brltty"
)

// USB is VID:PID, or "" where it is no USB device.
func (p Port) USB() string {
	if p.VID == "" {
		return ""
	}
	return p.VID + ":" + p.PID
}

// Name is the best that is known of what is plugged in: the board, else the
// chip, else what the device calls itself.
func (p Port) Name() string {
	own := strings.TrimSpace(p.Product)
	if p.Manufacturer != "" && own != "" && !strings.HasPrefix(own, p.Manufacturer) {
		own = p.Manufacturer + " " + own
	}
	return cmp.Or(p.Chip.Board, p.Chip.Name, own, "serial port")
}

// Same tells whether both are one port, or one board without a port.
func (p Port) Same(other Port) bool {
	return p.node+p.at != "" && p.node == other.node && p.at == other.at
}
