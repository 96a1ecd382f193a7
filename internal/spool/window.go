package spool

import "sort"

// held is a record in memory.
type held struct {
	seq  uint64
	at   int64
	data []byte
}

func (h held) size() int64 { return int64(headSize + len(h.data)) }

const (
	arenaBlock     = 4 << 10
	smallestWindow = 16 // entries; below this there is nothing worth giving back
)

// window holds a queue's newest records, in order. Their data lies in blocks,
// so that a line costs no allocation of its own.
type window struct {
	entries []held
	head, n int
	bytes   int64
	block   []byte
}

func (w *window) at(i int) *held {
	i += w.head
	if i >= len(w.entries) {
		i -= len(w.entries)
	}
	return &w.entries[i]
}

// first is the oldest one's seq; above every other where there is none.
func (w *window) first() uint64 {
	if w.n == 0 {
		return ^uint64(0)
	}
	return w.at(0).seq
}

// push copies data.
func (w *window) push(seq uint64, at int64, data []byte) held {
	if w.n == len(w.entries) {
		w.resize(max(2*w.n, smallestWindow))
	}
	if cap(w.block)-len(w.block) < len(data) {
		w.block = make([]byte, 0, max(arenaBlock, len(data)))
	}
	from := len(w.block)
	w.block = append(w.block, data...)
	h := held{seq, at, w.block[from:len(w.block):len(w.block)]}
	w.n++
	*w.at(w.n - 1) = h
	w.bytes += h.size()
	return h
}

func (w *window) pop() held {
	h := *w.at(0)
	*w.at(0) = held{}
	w.bytes -= h.size()
	w.n--
	if w.head++; w.head == len(w.entries) {
		w.head = 0
	}
	if half := len(w.entries) / 2; half >= smallestWindow && w.n <= half/2 {
		w.resize(half)
	}
	return h
}

func (w *window) resize(length int) {
	entries := make([]held, length)
	for i := range w.n {
		entries[i] = *w.at(i)
	}
	w.entries, w.head = entries, 0
}

// find is the index of the first record from seq on; w.n where there is none.
// Nearly always no seq is missing, and it is where it should be.
func (w *window) find(seq uint64) int {
	if w.n == 0 || seq <= w.at(0).seq {
		return 0
	}
	if i := seq - w.at(0).seq; i < uint64(w.n) && w.at(int(i)).seq == seq {
		return int(i)
	}
	return sort.Search(w.n, func(i int) bool { return w.at(i).seq >= seq })
}
