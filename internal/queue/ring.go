package queue

import "arduino-gateway/device"

const (
	lineOverhead = 64 // the least that device.Line.Size answers, and an entry's own size
	smallestRing = 16 // entries; below this there is nothing worth giving back
)

// entry is a line and its size, counted once.
type entry struct {
	line device.Line
	size int
}

// ring holds entries in order. It doubles when full, never beyond max, and
// halves when three quarters of it are empty, so that a push and a pop cost the
// same however long the backlog was.
type ring struct {
	entries []entry
	head    int // index of the oldest
	n       int
	max     int
}

func newRing(most int) ring { return ring{max: max(most, 1)} }

// at is the i-th entry from the oldest.
func (r *ring) at(i int) *entry {
	i += r.head
	if i >= len(r.entries) {
		i -= len(r.entries)
	}
	return &r.entries[i]
}

func (r *ring) oldest() *entry { return &r.entries[r.head] }

// push adds behind the newest. The owner keeps n below max.
func (r *ring) push(e entry) {
	if r.n == len(r.entries) {
		r.resize(min(max(2*len(r.entries), smallestRing), r.max))
	}
	r.n++
	*r.at(r.n - 1) = e
}

// pop forgets the oldest, and lets its readings be collected.
func (r *ring) pop() {
	*r.oldest() = entry{}
	r.n--
	if r.head++; r.head == len(r.entries) {
		r.head = 0
	}
	if half := len(r.entries) / 2; half >= smallestRing && r.n <= half/2 {
		r.resize(half)
	}
}

// resize moves everything into a ring of the given length.
func (r *ring) resize(length int) {
	entries := make([]entry, length)
	for i := range r.n {
		entries[i] = *r.at(i)
	}
	r.entries, r.head = entries, 0
}
