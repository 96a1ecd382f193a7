package queue

import (
	"context"
	"sync"

	"arduino-gateway/device"
)

// Limits bound the lines that wait, in bytes as device.Line.Size counts them.
type Limits struct {
	Live int // while connected; 0 is DefaultLive
	Held int // while not; 0 is DefaultHeld, and never less than Live
}

// The limits of a queue that was not told any: Live is some 270 lines of three
// readings, enough to keep a window of PUBLISHes full; Held is some 17,000.
const (
	DefaultLive = 64 << 10
	DefaultHeld = 4 << 20
)

// Queue is a bounded queue of one device's lines; see the package
// documentation for who may call what.
type Queue struct {
	limits Limits
	ready  chan struct{} // capacity 1: an Append since the last look
	room   chan struct{} // capacity 1: a waiting Append should look again

	mu        sync.Mutex
	lines     ring
	given     int // how many of lines, from the oldest, were lent since Rewind
	bytes     int
	dropped   uint64
	connected bool
}

// Stats is a queue's state at one moment; Dropped is a total.
type Stats struct {
	Lines, Bytes int
	Dropped      uint64
}

// New returns an empty queue, not connected.
func New(limits Limits) *Queue {
	if limits.Live <= 0 {
		limits.Live = DefaultLive
	}
	if limits.Held <= 0 {
		limits.Held = DefaultHeld
	}
	limits.Held = max(limits.Held, limits.Live)
	return &Queue{
		limits: limits,
		ready:  make(chan struct{}, 1),
		room:   make(chan struct{}, 1),
		lines:  newRing(limits.Held/lineOverhead + 1),
	}
}

// Append adds a line, whose Seq must be above that of the line before. While
// connected it waits for room until ctx ends; the line is then taken as if not
// connected, for it was read and must not be lost. A line above the whole limit
// is let into an empty queue, since it would wait for ever otherwise. The error
// is always nil; a queue on disk has others.
func (q *Queue) Append(ctx context.Context, line device.Line) error {
	size := line.Size()
	for !q.offer(line, size, ctx.Err() == nil) {
		select {
		case <-q.room:
		case <-ctx.Done():
		}
	}
	signal(q.ready)
	return nil
}

// offer takes the line, or says that it has to wait where it may.
func (q *Queue) offer(line device.Line, size int, mayWait bool) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if mayWait && q.connected && q.lines.n > 0 && q.bytes+size > q.limits.Live {
		return false
	}
	for q.lines.n > 0 && q.bytes+size > q.limits.Held {
		q.forgetOldest()
		q.dropped++
	}
	q.lines.push(entry{line: line, size: size})
	q.bytes += size
	return true
}

// forgetOldest is the one way out of the queue; q.mu is held.
func (q *Queue) forgetOldest() {
	q.bytes -= q.lines.oldest().size
	q.lines.pop()
	q.given = max(q.given-1, 0)
}

// Next lends the oldest line not yet lent since the last Rewind; ok is false
// where there is none. The line stays in the queue until Ack.
func (q *Queue) Next() (line device.Line, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.given == q.lines.n {
		return device.Line{}, false
	}
	line = q.lines.at(q.given).line
	q.given++
	return line, true
}

// Ack forgets every line up to and including seq. Lines that were dropped
// meanwhile are no error: they are gone either way.
func (q *Queue) Ack(seq uint64) {
	q.mu.Lock()
	for q.lines.n > 0 && q.lines.oldest().line.Seq <= seq {
		q.forgetOldest()
	}
	q.mu.Unlock()
	signal(q.room)
}

// Rewind makes Next start again from the first line not acknowledged.
func (q *Queue) Rewind() {
	q.mu.Lock()
	q.given = 0
	q.mu.Unlock()
}

// Ready is signalled after an Append. It has room for one signal: whoever
// takes it calls Next until there is nothing left.
func (q *Queue) Ready() <-chan struct{} { return q.ready }

// SetConnected says whether somebody is taking lines out, which decides what a
// full queue does. A waiting Append goes on at once when that ends.
func (q *Queue) SetConnected(connected bool) {
	q.mu.Lock()
	q.connected = connected
	q.mu.Unlock()
	signal(q.room)
}

// Stats reports how much waits and how many lines were ever dropped.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Stats{Lines: q.lines.n, Bytes: q.bytes, Dropped: q.dropped}
}

// signal leaves a signal unless one is there already.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
