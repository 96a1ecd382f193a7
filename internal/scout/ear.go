package scout

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/protocol"
)

const (
	// mostHeard bounds the memory that is kept of a board, in bytes: about what 115200
	// baud bring within Patience. Beyond it the oldest lines go.
	mostHeard  = 512 << 10
	heardExtra = 64 // that a line takes beside its text
)

// ear hears one board, and keeps what it says. What it keeps is the port's
// goroutine's until the port has ended.
type ear struct {
	*hello.Asker
	end     context.CancelFunc // of the listening
	shut    *time.Timer        // ends it where the port stays shut
	opened  time.Time
	lost    bool   // the port was
	lines   []Line // those with a right checksum
	size    int    // of lines, in bytes
	other   string // the first line without
	damaged bool   // it has a wrong one
}

// newEar makes an ear that ends the listening where there is nothing more to hear.
func newEar(patience time.Duration, end context.CancelFunc) *ear {
	return &ear{Asker: hello.New(patience), end: end, shut: time.AfterFunc(patience, end)}
}

// Opened is called once: the listening ends with the port.
func (e *ear) Opened(at time.Time) {
	e.shut.Stop()
	e.opened = at
	e.Asker.Opened(at)
}

// Line keeps what a device will take of its board: whatever comes without a right
// checksum would be dropped.
func (e *ear) Line(at time.Time, line []byte) {
	switch check := e.Hear(at, line); {
	case check == protocol.Right:
		e.keep(at, line)
	case e.other == "":
		e.other, e.damaged = string(line[:min(len(line), 80)]), check == protocol.Wrong
	}
}

func (e *ear) keep(at time.Time, line []byte) {
	e.lines = append(e.lines, Line{at, bytes.Clone(line)})
	for e.size += len(line) + heardExtra; e.size > mostHeard; e.lines = e.lines[1:] {
		e.size -= len(e.lines[0].Text) + heardExtra
	}
}

// Closed ends the listening: another open might reset the board again.
func (e *ear) Closed(at time.Time, err error) {
	e.lost = err != nil
	e.Asker.Closed(at, err)
	e.end()
}

// why tells what was heard instead of a hello, and what to do; trouble is what the
// matter with the port was.
func (e *ear) why(trouble string) (why, hint string) {
	const entry = "a sketch that only prints lines needs an entry in devices.yaml; gateway init writes one"
	const again = "then plug it in again, or reload the gateway"
	err := e.Err()
	switch {
	case e.lost:
		return "its port was lost", "is its cable loose?"
	case err != nil:
		return err.Error(), again
	case len(e.lines) > 0:
		return "its hello is never whole", "does its sketch call the library often enough to answer?"
	case e.damaged:
		return fmt.Sprintf("its lines are damaged, such as %q", e.other), "is its cable too long, or bad?"
	case e.other != "":
		return fmt.Sprintf("its lines have no checksum, such as %q", e.other), entry
	case trouble != "":
		return trouble, again
	}
	return "it prints no line", entry
}
