package spool

import "sort"

// memRecord is a record in memory.
type memRecord struct {
	seq  uint64
	at   int64
	data []byte
}

func (r memRecord) size() int64 { return int64(headSize + len(r.data)) }

const (
	arenaBlock = 4 << 10
	minEntries = 16 // of a window: fewer would save nothing
)

// window holds a queue's newest records, in order. Their data lies in blocks,
// so that a line costs no allocation of its own.
type window struct {
	entries []memRecord
	head, n int
	bytes   int64
	block   []byte
}

func (w *window) at(i int) *memRecord {
	i += w.head
	if i >= len(w.entries) {
		i -= len(w.entries)
	}
	return &w.entries[i]
}

// first returns the seq of the oldest record, the highest uint64 if there is none.
func (w *window) first() uint64 {
	if w.n == 0 {
		return ^uint64(0)
	}
	return w.at(0).seq
}

// push adds a record with a copy of data.
func (w *window) push(seq uint64, at int64, data []byte) memRecord {
	if w.n == len(w.entries) {
		w.resize(max(2*w.n, minEntries))
	}
	if cap(w.block)-len(w.block) < len(data) {
		w.block = make([]byte, 0, max(arenaBlock, len(data)))
	}
	from := len(w.block)
	w.block = append(w.block, data...)
	r := memRecord{seq, at, w.block[from:len(w.block):len(w.block)]}
	w.n++
	*w.at(w.n - 1) = r
	w.bytes += r.size()
	return r
}

// pop removes the oldest record.
func (w *window) pop() memRecord {
	r := *w.at(0)
	*w.at(0) = memRecord{}
	w.bytes -= r.size()
	w.n--
	if w.head++; w.head == len(w.entries) {
		w.head = 0
	}
	if half := len(w.entries) / 2; half >= minEntries && w.n <= half/2 {
		w.resize(half)
	}
	return r
}

func (w *window) resize(length int) {
	entries := make([]memRecord, length)
	for i := range w.n {
		entries[i] = *w.at(i)
	}
	w.entries, w.head = entries, 0
}

// find returns the index of the first record from seq on, w.n if there is none.
// Usually no seq is missing, and a subtraction finds it.
func (w *window) find(seq uint64) int {
	if w.n == 0 || seq <= w.at(0).seq {
		return 0
	}
	if i := seq - w.at(0).seq; i < uint64(w.n) && w.at(int(i)).seq == seq {
		return int(i)
	}
	return sort.Search(w.n, func(i int) bool { return w.at(i).seq >= seq })
}
