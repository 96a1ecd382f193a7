package lineformat

import "bytes"

// MaxLine is the longest line that is reported, in bytes without its ending.
const MaxLine = 1024

// Counts are the totals of a Framer since NewFramer. Every byte fed is part of a
// reported line, of its ending, of an empty line, or counted here.
type Counts struct {
	Lines         uint64 // reported
	SyncBytes     uint64 // dropped because the beginning or the end of their line was missed
	Overlong      uint64 // lines dropped because they were longer than MaxLine
	OverlongBytes uint64 // bytes of those lines, with their endings
}

// A Framer cuts a byte stream into lines that end in LF, CR, CRLF or LFCR: each
// LF and each CR ends a line, and empty lines are skipped. The lines are the
// same however the stream is chunked. Its memory is fixed and it allocates
// nothing. It is not for concurrent use.
type Framer struct {
	state  state
	n      int           // bytes in carry
	carry  [MaxLine]byte // the beginning of a line, from earlier chunks
	counts Counts
}

type state uint8

const (
	outOfSync  state = iota // within a line whose beginning was missed
	inLine                  // carry holds all of the current line so far
	discarding              // within an overlong line that was counted
)

// NewFramer returns a Framer that is out of sync: what comes before the first
// newline, or before Begin, may be half a line and is dropped.
func NewFramer() *Framer { return &Framer{} }

// Reset puts the Framer out of sync, as after a reopen. The counts go on.
func (f *Framer) Reset() {
	f.counts.SyncBytes += uint64(f.n)
	f.n = 0
	f.state = outOfSync
}

// Begin synchronizes a Framer that is out of sync: the caller knows that the
// next byte begins a line. It does nothing to a Framer in sync, and returns false.
func (f *Framer) Begin() bool {
	if f.state != outOfSync {
		return false
	}
	f.state = inLine
	return true
}

// Skip drops n bytes that are not fed, and the line they belong to.
func (f *Framer) Skip(n int) {
	f.Reset()
	f.counts.SyncBytes += uint64(n)
}

// Counts returns the totals so far.
func (f *Framer) Counts() Counts { return f.counts }

// Feed calls line for each line that chunk completes, in order and without its
// ending. The slice is valid only during the call. Empty lines are skipped. A
// line that is whole in chunk is not copied. line may call Reset.
func (f *Framer) Feed(chunk []byte, line func([]byte)) {
	for len(chunk) > 0 {
		end := lineEnd(chunk)
		if end < 0 {
			f.keep(chunk)
			return
		}
		f.finish(chunk[:end], line)
		if end+1 < len(chunk) && chunk[end] == '\r' && chunk[end+1] == '\n' {
			end++ // saves an empty line
		}
		chunk = chunk[end+1:]
	}
}

// lineEnd returns the index of the first LF or CR, -1 if there is none. Two
// searches with the widest instructions of the processor are faster than one
// byte by byte.
func lineEnd(chunk []byte) int {
	end := bytes.IndexByte(chunk, '\n')
	if end >= 0 {
		chunk = chunk[:end]
	}
	if cr := bytes.IndexByte(chunk, '\r'); cr >= 0 {
		return cr
	}
	return end
}

// keep stores a piece that has no ending yet.
func (f *Framer) keep(piece []byte) {
	switch {
	case f.state == outOfSync:
		f.counts.SyncBytes += uint64(len(piece))
	case f.state == discarding:
		f.counts.OverlongBytes += uint64(len(piece))
	case f.n+len(piece) > MaxLine:
		f.overlong(len(piece))
		f.state = discarding
	default:
		f.n += copy(f.carry[f.n:], piece)
	}
}

// finish completes a line with the piece before an LF or CR.
func (f *Framer) finish(piece []byte, line func([]byte)) {
	switch {
	case f.state == outOfSync:
		f.counts.SyncBytes += uint64(len(piece)) + 1
	case f.state == discarding:
		f.counts.OverlongBytes += uint64(len(piece)) + 1
	case f.n+len(piece) > MaxLine:
		f.overlong(len(piece) + 1)
	case f.n > 0:
		whole := f.carry[:f.n+copy(f.carry[f.n:], piece)]
		f.n = 0
		f.emit(whole, line)
		return
	default:
		f.emit(piece, line)
		return
	}
	f.state = inLine
}

// overlong drops the carried line together with n more bytes of it.
func (f *Framer) overlong(n int) {
	f.counts.Overlong++
	f.counts.OverlongBytes += uint64(f.n + n)
	f.n = 0
}

func (f *Framer) emit(text []byte, line func([]byte)) {
	if len(text) == 0 {
		return
	}
	f.counts.Lines++
	line(text)
}
