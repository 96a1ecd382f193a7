package mqttbridge

// windowSize is how many publishes of readings may be unacknowledged, and how
// many lines. It bounds what arrives twice after a loss, and over a slow network
// the rate: 400 a round trip.
const windowSize = 400

// window follows lines from their first publish to their last PUBACK. Lines are
// acknowledged out of order and reported in order. Not for concurrent use.
type window struct {
	lines  [windowSize]flight // ring, by position
	head   uint64             // position of the oldest line not yet reported
	next   uint64             // position of the next line
	flying int                // publishes without a PUBACK
}

// flight is a line on its way.
type flight struct {
	seq  uint64
	left int // publishes without a PUBACK
}

// room tells whether another line may be opened.
func (w *window) room() bool {
	return w.flying < windowSize && w.next-w.head < windowSize
}

// empty tells whether every line opened has been reported.
func (w *window) empty() bool { return w.head == w.next }

// open takes a line of so many publishes in and gives its position. The line
// may fly over the limit with its last publishes; the caller has seen room.
func (w *window) open(seq uint64, publishes int) (position uint64) {
	position = w.next
	w.lines[position%windowSize] = flight{seq: seq, left: publishes}
	w.next++
	w.flying += publishes
	return position
}

// done takes one PUBACK for the line at position.
func (w *window) done(position uint64) {
	w.lines[position%windowSize].left--
	w.flying--
}

// advance passes over the lines at the head that are acknowledged and gives the
// last one's seq; ok is false if there is none.
func (w *window) advance() (seq uint64, ok bool) {
	for w.head < w.next && w.lines[w.head%windowSize].left == 0 {
		seq, ok = w.lines[w.head%windowSize].seq, true
		w.head++
	}
	return seq, ok
}
