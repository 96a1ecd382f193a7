package serialbridge

import (
	"cmp"
	"time"
)

// Finder says where a device's board is plugged in. It serves one Port.
type Finder interface {
	// Find is asked before each open. While the board is away the error is
	// fs.ErrNotExist; whatever the error, Find is asked again later. Where the
	// error has State and Hint methods, the log shows what they say.
	Find() (Place, error)
	// Changed gives a value when it is worth asking again at once, for a board
	// may have come. It holds at most one; nil never gives any.
	Changed() <-chan struct{}
	// Release is called at the end of each Run; Find may follow in the next.
	Release()
}

// Place is where a board is plugged in.
type Place struct {
	Path string // of the port
	Chip Chip
}

// Chip tells what opening a port does to its board, and what the board needs.
type Chip uint8

const (
	UnknownChip Chip = iota // it may reset
	AutoReset               // a USB-to-serial chip whose DTR is wired to the board's reset
	NativeUSB               // the board's own USB: opening resets nothing, and it prints only while DTR is up
	OnBoardUART             // no modem lines: opening resets nothing
)

// BootTime is how long after the open a board that may have been reset counts
// as booting, if it prints nothing: an Uno's bootloader waits a second for an
// upload first.
const BootTime = 2 * time.Second

// settleTime is how long what comes may be from before the reset: the adapter's
// own buffer holds it, and the last line in there is cut.
const settleTime = 200 * time.Millisecond

// startup is how one opening begins.
type startup struct {
	boot   time.Duration // a silent board counts as booting for so long
	settle time.Duration // what comes within it is from before the reset
	hangUp *bool         // whether the last close lowers DTR, so that the next open resets; nil leaves that as it is
	dtr    *bool         // nil leaves it to the kernel, which raises DTR and RTS at open
}

// startup is what the chip needs, unless the configuration says otherwise.
//
// A board whose reset_on_open is false may still be reset by the first open of
// all, and nothing shows whether it was: it gets the same time to boot.
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

// fixedFinder finds a port by its path alone.
type fixedFinder string

func (p fixedFinder) Find() (Place, error)   { return Place{Path: string(p)}, nil }
func (fixedFinder) Changed() <-chan struct{} { return nil }
func (fixedFinder) Release()                 {}
