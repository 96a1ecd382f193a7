package lineformat

import (
	"bytes"
	"cmp"

	"arduino-gateway/device"
)

// MaxLine is the default of the longest line that is reported, in bytes without its ending.
const MaxLine = device.DefaultMaxLine

// Counts are the totals of a Framer since NewFramer. Every byte fed is part of a
// reported line, of its ending, of an empty line, or counted here.
type Counts struct {
	Lines         uint64 // reported
	SyncBytes     uint64 // dropped because the beginning or the end of their line was missed
	Overlong      uint64 // lines dropped because they were longer than the bound
	OverlongBytes uint64 // bytes of those lines, with their endings
}

// A Framer cuts a byte stream into lines that end in LF, CR, CRLF or LFCR: each
// LF and each CR ends a line, and empty lines are skipped. The lines are the
// same however the stream is chunked. Its memory grows with the longest line that
// came in pieces, up to the bound. It is not for concurrent use.
type Framer struct {
	state   state
	max     int    // bytes of the longest line that is reported
	carry   []byte // the beginning of a line, from earlier chunks
	long    int    // bytes of the overlong line so far
	unended uint64 // bytes since the last line ending
	endings uint64
	counts  Counts

	// Overlong, if not nil, is called at the end of an overlong line with its length in
	// bytes, without its ending.
	Overlong func(bytes int)
}

type state uint8

const (
	outOfSync  state = iota // within a line whose beginning was missed
	inLine                  // carry holds all of the current line so far
	discarding              // within an overlong line that was counted
)

// NewFramer returns a Framer for lines of up to max bytes, or MaxLine if max is 0. It is out of sync: what comes before the first
// newline, or before Begin, may be half a line and is dropped.
func NewFramer(max int) *Framer { return &Framer{max: cmp.Or(max, MaxLine)} }

// Unended returns how many bytes followed the last line ending, and the number of
// line endings so far.
func (f *Framer) Unended() (bytes, endings uint64) { return f.unended, f.endings }

// Reset puts the Framer out of sync, as after a reopen. The counts go on.
func (f *Framer) Reset() {
	f.counts.SyncBytes += uint64(len(f.carry))
	f.carry = f.carry[:0]
	f.long, f.unended = 0, 0
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
	f.unended += uint64(len(piece))
	switch {
	case f.state == outOfSync:
		f.counts.SyncBytes += uint64(len(piece))
	case f.state == discarding:
		f.counts.OverlongBytes += uint64(len(piece))
		f.long += len(piece)
	case len(f.carry)+len(piece) > f.max:
		f.long = len(f.carry) + len(piece)
		f.overlong(len(piece))
		f.state = discarding
	default:
		f.carry = append(f.carry, piece...)
	}
}

// finish completes a line with the piece before an LF or CR.
func (f *Framer) finish(piece []byte, line func([]byte)) {
	f.unended = 0
	f.endings++
	switch {
	case f.state == outOfSync:
		f.counts.SyncBytes += uint64(len(piece)) + 1
	case f.state == discarding:
		f.counts.OverlongBytes += uint64(len(piece)) + 1
		f.ended(f.long + len(piece))
	case len(f.carry)+len(piece) > f.max:
		long := len(f.carry) + len(piece)
		f.overlong(len(piece) + 1)
		f.ended(long)
	case len(f.carry) > 0:
		whole := append(f.carry, piece...)
		f.carry = whole[:0]
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
	f.counts.OverlongBytes += uint64(len(f.carry) + n)
	f.carry = f.carry[:0]
}

// ended reports the length of an overlong line.
func (f *Framer) ended(bytes int) {
	f.long = 0
	if f.Overlong != nil {
		f.Overlong(bytes)
	}
}

func (f *Framer) emit(text []byte, line func([]byte)) {
	if len(text) == 0 {
		return
	}
	f.counts.Lines++
	line(text)
}
