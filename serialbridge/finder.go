package serialbridge

import (
	"cmp"
	"time"
)

// Finder finds the place where the board of a device is plugged in. It serves
// one Port.
type Finder interface {
	// Find returns the place; the Port calls it before each open. While the
	// board is away the error is fs.ErrNotExist. The Port calls again after any
	// error. If an error has State and Hint methods, the log shows their text.
	Find() (Place, error)
	// Changed returns a channel that receives a value if the board may have
	// come, so that Find is worth a call at once. It holds at most one value. It
	// may be nil.
	Changed() <-chan struct{}
	// Release ends the search at the end of each Run. The next Run may call Find
	// again.
	Release()
}

// Place is where a board is plugged in.
type Place struct {
	Path  string // of the port, such as /dev/ttyACM0
	Chip  Chip
	Rates Rates
	USB   string // the node in /dev/bus/usb of its USB device, if a reset of that does no harm; "": none
}

// Chip says what opening a port does to its board, and what the board needs.
type Chip uint8

const (
	UnknownChip Chip = iota // opening may reset the board
	AutoReset               // a USB-to-serial chip whose DTR is wired to the reset of the board
	NativeUSB               // the board's own USB: opening resets nothing, and the board prints only while DTR is up
	OnBoardUART             // no modem lines: opening resets nothing
)

// BootTime is how long after the open a board that may have been reset counts as
// booting if it prints nothing. The bootloader of an Uno first waits a second
// for an upload.
const BootTime = 2 * time.Second

// settleTime is how long input may be from before the reset: the adapter's own
// buffer holds it, and its last line is cut.
const settleTime = 200 * time.Millisecond

// startup is how an opening begins.
type startup struct {
	boot     time.Duration // a silent board counts as booting for so long
	settle   time.Duration // input within it is from before the reset
	hangUp   *bool         // whether the last close lowers DTR, so that the next open resets; nil changes nothing
	dtr      *bool         // nil leaves it to the kernel, which raises DTR and RTS at open
	mayReset bool          // opening the port again may restart the board
	canReset bool          // a pulse of DTR restarts the board, and the user allows it
}

// startup returns what the chip needs, unless the options override it.
//
// Even with ResetOnOpen false the very first open may reset the board, and
// nothing shows whether it did. The board gets the same time to boot.
func (c Options) startup(chip Chip) startup {
	s := startup{hangUp: c.ResetOnOpen, dtr: c.DTR}
	resets := chip == AutoReset || c.ResetOnOpen != nil && *c.ResetOnOpen
	if resets {
		s.settle = settleTime
		s.hangUp = cmp.Or(c.ResetOnOpen, new(true)) // the kernel remembers an earlier false
	}
	if resets || chip == UnknownChip {
		s.boot = BootTime
	}
	keeps, held := c.ResetOnOpen != nil && !*c.ResetOnOpen, c.DTR != nil && !*c.DTR
	s.mayReset = resets && !keeps || chip == UnknownChip
	s.canReset = resets && !keeps && !held
	if chip == NativeUSB {
		s.dtr = cmp.Or(c.DTR, new(true))
		if !resets {
			s.hangUp = nil // with DTR left up the board would wait for a reader
		}
	}
	if c.BootTime != nil {
		s.boot = *c.BootTime
	}
	s.settle = min(s.settle, s.boot)
	return s
}

// fixedFinder always returns its path.
type fixedFinder string

func (p fixedFinder) Find() (Place, error)   { return Place{Path: string(p)}, nil }
func (fixedFinder) Changed() <-chan struct{} { return nil }
func (fixedFinder) Release()                 {}
