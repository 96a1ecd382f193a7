package publisher

import (
	"sync"

	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/wake"
)

// noWake is the wakeAt of a stream that does not wait for PUBACKs.
const noWake = -1

// inflight is the table of what a stream has published without a PUBACK. The
// stream enters items, the goroutine that reads PUBACKs removes them.
type inflight struct {
	source  Source
	queue   *queue
	wake    wake.Signal // of the stream
	counted *counters

	mu     sync.Mutex
	last   uint16          // identifier assigned last
	items  map[uint16]item // by packet identifier
	window window
	wakeAt int    // wake the stream when only this many publishes are in flight
	asked  uint64 // the oldest unacknowledged line when stuck was asked last, plus 1; 0: there was none
}

// item is what a PUBACK acknowledges.
type item struct {
	kind   byte
	number uint64 // position of a line in the window, or number of a message
}

const (
	ofStatus = iota
	ofLine
	ofMessage
)

func newInflight(source Source, q *queue, wakeUp wake.Signal, counted *counters, size int) *inflight {
	return &inflight{source: source, queue: q, wake: wakeUp, counted: counted,
		items: make(map[uint16]item), window: newWindow(size), wakeAt: noWake}
}

// open enters a line of so many publishes into the window and returns their item.
// A line of none is acknowledged here.
func (f *inflight) open(seq uint64, publishes int) item {
	f.mu.Lock()
	defer f.mu.Unlock()
	position := f.window.open(seq, publishes)
	if publishes == 0 {
		f.advance()
	}
	return item{kind: ofLine, number: position}
}

// enter returns the identifier of a publish: the next free one. One is always
// free, since the window and the queue are far smaller than their number.
func (f *inflight) enter(of item) (id uint16) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for taken := true; taken; _, taken = f.items[f.last] {
		f.last = max(f.last+1, mqttconn.FirstID) // 65535 is followed by 0, and so by the first
	}
	f.items[f.last] = of
	return f.last
}

// room reports whether another line may be published. If not, the stream is woken
// when half of the window is free.
func (f *inflight) room() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.window.room() {
		f.wakeAt = noWake
		return true
	}
	f.wakeAt = f.window.size() / 2
	return false
}

// drained reports whether the broker has acknowledged everything. If not, the
// stream is woken when it has.
func (f *inflight) drained() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wakeAt = 0
	return f.window.empty() && len(f.items) == 0
}

// acked handles a PUBACK. A broker may send one twice, or for what was never sent.
func (f *inflight) acked(id uint16) {
	f.mu.Lock()
	defer f.mu.Unlock()
	item, ok := f.items[id]
	if !ok {
		return
	}
	delete(f.items, id)
	switch item.kind {
	case ofLine:
		f.window.done(item.number)
		f.advance()
	case ofMessage:
		f.queue.acked(item.number)
		f.wake.Set()
	case ofStatus:
		f.wake.Set()
	}
}

// stuck reports whether the line that was the oldest without a PUBACK when stuck was
// asked last is still that. It is asked at each PINGREQ, so that a broker has a whole
// keep-alive for each line, however late the line left.
func (f *inflight) stuck() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := f.asked
	f.asked = 0
	if !f.window.empty() {
		f.asked = f.window.head + 1
	}
	return f.asked != 0 && f.asked == before
}

// advance acknowledges to the source all lines without a gap. The caller holds
// the lock, so that the source is called in order.
func (f *inflight) advance() {
	before := f.window.head
	if seq, ok := f.window.advance(); ok {
		f.counted.acked.Add(f.window.head - before)
		f.source.Ack(seq)
	}
	if f.window.flying <= f.wakeAt {
		f.wakeAt = noWake
		f.wake.Set()
	}
}
