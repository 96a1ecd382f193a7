package autodetect

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/protocol"
)

// plainAfter is how long after its first line a board must still print lines without
// a checksum to count as one without the library. With the library each line of
// readings has a checksum, and the hello comes with the first loop. A sketch that
// prints words of its own in setup does so before that.
const plainAfter = 5 * time.Second

// listener is the handler of one probed port, and keeps what the board prints. What
// it keeps belongs to the port's goroutine until the port has ended.
type listener struct {
	*hello.Asker
	any     bool               // also accept a board that only prints lines
	end     context.CancelFunc // ends the reading
	shut    *time.Timer        // ends it if the port does not open
	opened  time.Time
	lost    bool          // the port was lost
	speaks  bool          // a line had a right checksum
	kept    hello.Backlog // lines with a right checksum; before the first of them all lines, if any is set
	unsure  bool          // the first line may be the end of another
	dropped uint64        // lines that did not fit in kept
	other   string        // the first line with a wrong checksum, else the first without one
	since   time.Time     // when the first line without a checksum came
	damaged bool          // a line had a wrong checksum
}

// newListener returns a listener that calls end when nothing more is to be expected.
func newListener(timeout time.Duration, any bool, end context.CancelFunc) *listener {
	return &listener{Asker: hello.New(timeout), any: any, end: end, shut: time.AfterFunc(timeout, end)}
}

// Opened is called once: the reading ends with the port.
func (l *listener) Opened(at time.Time) {
	l.shut.Stop()
	l.opened = at
	l.Asker.Opened(at)
}

// Line keeps what a device will accept from this board. If the board uses the
// library, that is only what has a right checksum.
func (l *listener) Line(at time.Time, line []byte) {
	check := l.Hear(at, line)
	if check == protocol.Right && !l.speaks {
		l.speaks, l.kept, l.dropped = true, hello.Backlog{}, 0
	}
	if check == protocol.Right || l.any && !l.speaks {
		l.dropped += uint64(len(l.kept.Add(at, line)))
	}
	switch {
	case check == protocol.Wrong && !l.damaged:
		l.other, l.damaged = excerpt(line), true
	case check == protocol.Unchecked && l.other == "":
		l.other, l.since = excerpt(line), at
	}
	if l.plain() && at.Sub(l.since) >= plainAfter {
		l.end()
	}
}

// FirstLine keeps a line that may not be whole.
func (l *listener) FirstLine(at time.Time, line []byte) {
	l.unsure = true
	l.Line(at, line)
}

// plain reports whether the board has only printed lines so far, and the user wants
// such boards.
func (l *listener) plain() bool {
	return l.any && l.other != "" && !l.speaks && !l.damaged && !l.lost
}

func excerpt(line []byte) string { return string(line[:min(len(line), 80)]) }

// Closed ends the reading: another open might reset the board again.
func (l *listener) Closed(at time.Time, err error) {
	l.lost = err != nil
	l.Asker.Closed(at, err)
	l.end()
}

// why returns what was read instead of a hello, and what to do; problem is what was
// wrong with the port.
func (l *listener) why(problem string) (why, hint string) {
	entry := "a sketch that only prints lines needs an entry in devices.yaml, which gateway init writes, or auto: {any: true}"
	if l.any {
		entry = "does its sketch print with Serial.println? A board that only listens needs an entry in devices.yaml"
	}
	const replug = "then replug it, or reload the gateway"
	err := l.Err()
	switch {
	case l.lost:
		return "the port was lost", "is the cable loose?"
	case err != nil:
		return err.Error(), replug
	case l.speaks:
		return "its hello is never complete", "does its sketch call the library often enough to answer?"
	case l.damaged:
		return fmt.Sprintf("its lines are damaged, such as %q", l.other), "is the cable too long, or bad?"
	case l.other != "":
		return fmt.Sprintf("its lines have no checksum, such as %q", l.other), entry
	case problem != "":
		what, remedy, _ := strings.Cut(problem, " (hint: ")
		return what, cmp.Or(strings.TrimSuffix(remedy, ")"), replug)
	}
	return "it prints no line", entry
}
