package ports

import (
	"cmp"
	"strings"

	"arduino-gateway/internal/portowner"
)

// Port is one serial port, or a board that has no port. Unknown texts are "".
type Port struct {
	Path  string   // of the node, such as /dev/ttyUSB0; "": a known board without a port
	Value string   // to write as port: in devices.yaml; "" without a Path
	Links []string // other names of Path, those in /dev/serial/by-id first

	VID, PID     string // four hexadecimal digits in lower case: 1a86, 7523; "": not on USB
	Serial       string
	Manufacturer string
	Product      string
	USBPath      string // the socket, such as 1-1.2: bus 1, port 1, port 2 of the hub there
	Interface    string // of the USB device, as configuration and number: 1.0
	Driver       string // of the kernel, such as ch341

	Chip     Chip
	Holder   *portowner.Process // the program that has it open, as far as can be seen; nil: none
	Sharer   *portowner.Process // a second program that has it open
	Foreign  string             // what Foreign returns; "": it may be a board
	Unsure   bool               // no Holder was seen, but not all programs can be seen
	Problems []Problem          // the worst first

	node string // its name in /sys/class/tty, such as ttyUSB0
	at   string // its folder in /sys
}

// Problem is something that keeps a port from working, or may.
type Problem struct {
	Kind string `json:"kind"`          // one word for scripts
	What string `json:"what"`          // a sentence without its full stop
	Fix  string `json:"fix,omitempty"` // the exact command that fixes it; "" if a person has to decide
}

// The kinds of problems.
const (
	NoPermission  = "permission"
	Held          = "held"
	Shared        = "shared"
	NoNode        = "no-node"
	NotTerminal   = "not-a-terminal"
	NoPort        = "no-port"
	InBootloader  = "bootloader"
	KernelConsole = "console"
	ModemManager  = "modemmanager"
	Brltty        = "brltty"
)

// USB returns VID:PID, or "" if the port is not on USB.
func (p Port) USB() string {
	if p.VID == "" {
		return ""
	}
	return p.VID + ":" + p.PID
}

// Name returns the best known name: of the board, else of the chip, else what the
// device calls itself.
func (p Port) Name() string {
	own := strings.TrimSpace(p.Product)
	if p.Manufacturer != "" && own != "" && !strings.HasPrefix(own, p.Manufacturer) {
		own = p.Manufacturer + " " + own
	}
	return cmp.Or(p.Chip.Board, p.Chip.Name, own, "serial port")
}

// Same reports whether both are one port, or one board without a port.
func (p Port) Same(other Port) bool {
	return p.node+p.at != "" && p.node == other.node && p.at == other.at
}
