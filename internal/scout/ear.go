package scout

import (
	"bytes"
	"time"

	"arduino-gateway/internal/hello"
)

// mostHeard bounds the bytes that are kept of a board: more than 115200 baud bring
// within twice Patience. Beyond it the oldest lines go.
const mostHeard = 512 << 10

// ear hears one board, and keeps what it says. What it keeps is the port's
// goroutine's until the port has ended.
type ear struct {
	*hello.Asker
	opened time.Time
	lines  []Line
	size   int // of lines, in bytes
}

// Opened begins anew: another board may be there.
func (e *ear) Opened(at time.Time) {
	e.opened, e.lines, e.size = at, nil, 0
	e.Asker.Opened(at)
}

func (e *ear) Line(at time.Time, line []byte) {
	e.lines = append(e.lines, Line{at, bytes.Clone(line)})
	e.size += len(line)
	for e.size > mostHeard {
		e.size -= len(e.lines[0].Text)
		e.lines = e.lines[1:]
	}
	e.Asker.Line(at, line)
}
