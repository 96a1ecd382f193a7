package autodetect

import (
	"context"
	"fmt"
	"time"

	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/protocol"
)

// plainAfter is how long after its first line a sketch must still print lines without
// a checksum to be one without the library. With it each line of readings has one, and
// the hello comes with the first loop; a sketch that prints words of its own before
// that, from setup, is done with it by then.
const plainAfter = 5 * time.Second

// ear hears one board, and keeps what it says. What it keeps is the port's
// goroutine's until the port has ended.
type ear struct {
	*hello.Asker
	any     bool               // a board that only prints lines is wanted, too
	end     context.CancelFunc // of the listening
	shut    *time.Timer        // ends it where the port stays shut
	opened  time.Time
	lost    bool          // the port was
	speaks  bool          // a line had a right checksum
	kept    hello.Backlog // of lines with one; before the first of them, where any are wanted, of all
	dropped uint64        // of those, because there were too many
	other   string        // the first line without; if there are damaged ones, the first of them
	since   time.Time     // when the first without came
	damaged bool          // a line had a wrong one
}

// newEar makes an ear that ends the listening where there is nothing more to hear.
func newEar(patience time.Duration, any bool, end context.CancelFunc) *ear {
	return &ear{Asker: hello.New(patience), any: any, end: end, shut: time.AfterFunc(patience, end)}
}

// Opened is called once: the listening ends with the port.
func (e *ear) Opened(at time.Time) {
	e.shut.Stop()
	e.opened = at
	e.Asker.Opened(at)
}

// Line keeps what a device will take of its board. Of one that has the library that
// is what comes with a right checksum, and nothing else.
func (e *ear) Line(at time.Time, line []byte) {
	check := e.Hear(at, line)
	if check == protocol.Right && !e.speaks {
		e.speaks, e.kept, e.dropped = true, hello.Backlog{}, 0
	}
	if check == protocol.Right || e.any && !e.speaks {
		e.dropped += uint64(len(e.kept.Add(at, line)))
	}
	switch {
	case check == protocol.Wrong && !e.damaged:
		e.other, e.damaged = excerpt(line), true
	case check == protocol.Unchecked && e.other == "":
		e.other, e.since = excerpt(line), at
	}
	if e.plain() && at.Sub(e.since) >= plainAfter {
		e.end()
	}
}

// plain tells whether the board only prints lines, as far as it was heard, and such a
// board is wanted.
func (e *ear) plain() bool {
	return e.any && e.other != "" && !e.speaks && !e.damaged && !e.lost
}

func excerpt(line []byte) string { return string(line[:min(len(line), 80)]) }

// Closed ends the listening: another open might reset the board again.
func (e *ear) Closed(at time.Time, err error) {
	e.lost = err != nil
	e.Asker.Closed(at, err)
	e.end()
}

// why tells what was heard instead of a hello, and what to do; trouble is what the
// matter with the port was.
func (e *ear) why(trouble string) (why, hint string) {
	entry := "a sketch that only prints lines needs an entry in devices.yaml, which gateway init writes, or auto: {any: true}"
	if e.any {
		entry = "is a sketch on it that prints with Serial.println? A board that only listens needs an entry in devices.yaml"
	}
	const again = "then plug it in again, or reload the gateway"
	err := e.Err()
	switch {
	case e.lost:
		return "its port was lost", "is its cable loose?"
	case err != nil:
		return err.Error(), again
	case e.speaks:
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
