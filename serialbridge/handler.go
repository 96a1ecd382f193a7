package serialbridge

import "time"

// Handler receives what happens on the port. All calls come from the goroutine
// in Port.Run, one after the other, in order. Embed NopHandler to implement only
// some of the methods.
type Handler interface {
	// Opened reports that the port is open. The board may still be booting.
	Opened(at time.Time)
	// Ready reports that the board has booted: it sent a whole line that is not a
	// bootloader's, or its boot time passed. With Options.Silence only a line
	// counts, and lines soon after a restart of a silent board do not: a board that
	// hangs again prints its banner too. Ready comes at most once after each Opened
	// and each Silent, and before the line that counts.
	Ready(at time.Time)
	// Silent reports that no line came for Options.Silence. The port stays open,
	// and the next line that counts brings Ready again.
	Silent(at time.Time)
	// Line reports a whole line without its ending, and when its end was read.
	// The line is valid only during the call. A handler that blocks here slows
	// the board down; it must return soon after Run was cancelled.
	Line(at time.Time, line []byte)
	// FirstLine is Line for one that may be the end of a line that began before the
	// port was opened: a second of silence precedes it, and no line ending. Opening
	// the port does not reset this board.
	FirstLine(at time.Time, line []byte)
	// Overlong reports the length in bytes, without its ending, of a line that was
	// dropped because it is longer than Options.MaxLine.
	Overlong(at time.Time, bytes int)
	// EndOfRead follows the lines of one read, or a read that brought nothing for
	// a second. A handler that gathers lines sends them on here.
	EndOfRead(at time.Time)
	// Closed reports that the port was lost or abandoned, with the reason; nil if
	// Run was cancelled. It comes once after each Opened.
	Closed(at time.Time, err error)
}

// NopHandler is a Handler that does nothing. Embed it in a handler of your own
// and override the methods you need.
type NopHandler struct{}

func (NopHandler) Opened(time.Time)            {}
func (NopHandler) Ready(time.Time)             {}
func (NopHandler) Silent(time.Time)            {}
func (NopHandler) Line(time.Time, []byte)      {}
func (NopHandler) FirstLine(time.Time, []byte) {}
func (NopHandler) Overlong(time.Time, int)     {}
func (NopHandler) EndOfRead(time.Time)         {}
func (NopHandler) Closed(time.Time, error)     {}
