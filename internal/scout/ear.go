package scout

import (
	"context"
	"fmt"
	"time"

	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/protocol"
)

// ear hears one board, and keeps what it says. What it keeps is the port's
// goroutine's until the port has ended.
type ear struct {
	*hello.Asker
	end     context.CancelFunc // of the listening
	shut    *time.Timer        // ends it where the port stays shut
	opened  time.Time
	lost    bool          // the port was
	kept    hello.Backlog // of lines with a right checksum
	dropped uint64        // of those, because there were too many
	other   string        // the first line without
	damaged bool          // it has a wrong one
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
		e.dropped += uint64(len(e.kept.Add(at, line)))
	case e.other == "":
		e.other, e.damaged = string(line[:min(len(line), 80)]), check == protocol.Wrong
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
	case len(e.kept.Lines) > 0:
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
