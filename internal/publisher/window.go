package publisher

// window tracks lines from their first publish to their last PUBACK. Lines are
// acknowledged in any order and reported in order. Not for concurrent use.
type window struct {
	lines  []flight // ring, by position; its length is the size
	head   uint64   // position of the oldest line not yet reported
	next   uint64   // position of the next line
	flying int      // publishes without a PUBACK
}

// newWindow returns a window for size unacknowledged publishes, and as many lines.
func newWindow(size int) window { return window{lines: make([]flight, size)} }

func (w *window) size() int { return len(w.lines) }

// at returns the line at a position.
func (w *window) at(position uint64) *flight { return &w.lines[position%uint64(len(w.lines))] }

// flight is a line in flight.
type flight struct {
	seq  uint64
	left int // publishes without a PUBACK
}

// room reports whether another line may be opened: fewer publishes than limit are in
// flight, and the ring has a place.
func (w *window) room(limit int) bool {
	return w.flying < limit && w.next-w.head < uint64(w.size())
}

// empty reports whether every line opened has been reported.
func (w *window) empty() bool { return w.head == w.next }

// open enters a line of so many publishes and returns its position. The caller
// has checked room; the line's last publishes may exceed the limit.
func (w *window) open(seq uint64, publishes int) (position uint64) {
	position = w.next
	*w.at(position) = flight{seq: seq, left: publishes}
	w.next++
	w.flying += publishes
	return position
}

// done counts one PUBACK for the line at position.
func (w *window) done(position uint64) {
	w.at(position).left--
	w.flying--
}

// advance removes the acknowledged lines at the head and returns the seq of the
// last; ok is false if there is none.
func (w *window) advance() (seq uint64, ok bool) {
	for w.head < w.next && w.at(w.head).left == 0 {
		seq, ok = w.at(w.head).seq, true
		w.head++
	}
	return seq, ok
}
