package hello

import (
	"bytes"
	"time"
)

const (
	// mostKept bounds a Backlog, in bytes: about what 115200 baud bring within half a minute.
	mostKept  = 512 << 10
	keptExtra = 64 // of memory, that a line takes beside its text
)

// Line is one line as it was read.
type Line struct {
	At   time.Time // when its end was read
	Text []byte
}

// Backlog holds the lines of a board that has yet to say who it is, in order, in
// bounded memory. Its zero value is empty.
type Backlog struct {
	Lines []Line
	size  int // of Lines, in bytes
}

// Add keeps a line, and gives the oldest ones that had to go for it: somebody should
// count them.
func (b *Backlog) Add(at time.Time, text []byte) (dropped []Line) {
	b.Lines = append(b.Lines, Line{at, bytes.Clone(text)})
	n := 0
	for b.size += len(text) + keptExtra; b.size > mostKept; n++ {
		b.size -= len(b.Lines[n].Text) + keptExtra
	}
	dropped, b.Lines = b.Lines[:n], b.Lines[n:]
	return dropped
}
