package hello

import (
	"bytes"
	"time"
)

const (
	// maxKept bounds a Backlog, in bytes: about half a minute at 115200 baud.
	maxKept   = 512 << 10
	keptExtra = 64 // bytes of memory that a line takes beside its text
)

// Line is one line as it was read.
type Line struct {
	At   time.Time // when its end was read
	Text []byte
}

// Backlog holds, in order and in bounded memory, the lines of a board that is not
// identified yet. The zero value is empty.
type Backlog struct {
	Lines []Line
	size  int // of Lines, in bytes
}

// Add keeps a copy of a line. It returns the oldest lines, which it removed to make room;
// the caller counts them.
func (b *Backlog) Add(at time.Time, text []byte) (dropped []Line) {
	b.Lines = append(b.Lines, Line{at, bytes.Clone(text)})
	n := 0
	for b.size += len(text) + keptExtra; b.size > maxKept; n++ {
		b.size -= len(b.Lines[n].Text) + keptExtra
	}
	dropped, b.Lines = b.Lines[:n], b.Lines[n:]
	return dropped
}
