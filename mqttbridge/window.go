package mqttbridge

// window follows lines from their first publish to their last PUBACK. Lines are
// acknowledged out of order and reported in order. Not for concurrent use.
type window struct {
	lines  []flight // ring, by position; its length is the size
	head   uint64   // position of the oldest line not yet reported
	next   uint64   // position of the next line
	flying int      // publishes without a PUBACK
}

// newWindow lets so many publishes be unacknowledged, and so many lines.
func newWindow(size int) window { return window{lines: make([]flight, size)} }

func (w *window) size() int { return len(w.lines) }

// at is the line at a position.
func (w *window) at(position uint64) *flight { return &w.lines[position%uint64(len(w.lines))] }

// flight is a line on its way.
type flight struct {
	seq  uint64
	left int // publishes without a PUBACK
}

// room tells whether another line may be opened.
func (w *window) room() bool {
	return w.flying < w.size() && w.next-w.head < uint64(w.size())
}

// empty tells whether every line opened has been reported.
func (w *window) empty() bool { return w.head == w.next }

// open takes a line of so many publishes in and gives its position. The line
// may fly over the limit with its last publishes; the caller has seen room.
func (w *window) open(seq uint64, publishes int) (position uint64) {
	position = w.next
	*w.at(position) = flight{seq: seq, left: publishes}
	w.next++
	w.flying += publishes
	return position
}

// done takes one PUBACK for the line at position.
func (w *window) done(position uint64) {
	w.at(position).left--
	w.flying--
}

// advance passes over the lines at the head that are acknowledged and gives the
// last one's seq; ok is false if there is none.
func (w *window) advance() (seq uint64, ok bool) {
	for w.head < w.next && w.at(w.head).left == 0 {
		seq, ok = w.at(w.head).seq, true
		w.head++
	}
	return seq, ok
}
