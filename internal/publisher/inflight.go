package publisher

import (
	"sync"

	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/wake"
)

const (
	// noWake is the wakeAt of a stream that does not wait for PUBACKs.
	noWake = -1

	// identifiers is how many there are for the publishes of a stream.
	identifiers = 1<<16 - mqttconn.FirstID
)

// inflight is the table of what a stream has published without a PUBACK: lines,
// messages of the queue, and the status. The stream enters items, the goroutine
// that reads PUBACKs removes them.
//
// It is bounded: lines take at most size publishes, and less while messages are in
// flight, but always half of it, so that a broker that acknowledges no results still
// gets lines. The queue bounds the messages, and one that it drops gives its identifier
// back. Of the status, only the last is in flight.
type inflight struct {
	source  Source
	queue   *queue
	wake    wake.Signal // of the stream
	counted *counters

	mu       sync.Mutex
	last     uint16            // identifier assigned last
	items    map[uint16]item   // by packet identifier
	messages map[uint64]uint16 // identifiers of the messages, by their number
	status   uint16            // identifier of the last status; 0 is none
	statuses statuses
	window   window

	// Of earlier connections of the same session; see Resume.
	unacked    map[sent]uint16 // not published again yet
	reserved   map[uint16]bool // their identifiers
	lastBefore uint16          // identifier assigned last

	wakeAt int    // wake the stream when only this many publishes of lines are in flight
	calm   bool   // wake the stream when nothing is on the way
	asked  uint64 // the oldest unacknowledged line when stuck was asked last, plus 1; 0: there was none
}

// item is what a PUBACK acknowledges.
type item struct {
	kind   byte
	index  uint16 // among the publishes of a line
	number uint64 // position of a line in the window, or number of a message
}

const (
	ofStatus = iota
	ofLine
	ofMessage
)

func newInflight(source Source, q *queue, wakeUp wake.Signal, counted *counters, size int) *inflight {
	return &inflight{source: source, queue: q, wake: wakeUp, counted: counted,
		items: make(map[uint16]item), messages: make(map[uint64]uint16), window: newWindow(size), wakeAt: noWake}
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

// enter returns the identifier of a publish: the next free one. The size keeps some
// free. Were none, the search would end at one that is in use.
func (f *inflight) enter(of item) (id uint16) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for range identifiers {
		f.last = max(f.last+1, mqttconn.FirstID) // 65535 is followed by 0, and so by the first
		if _, taken := f.items[f.last]; !taken && !f.reserved[f.last] {
			break
		}
	}
	f.note(f.last, of)
	return f.last
}

// note keeps what an identifier stands for.
func (f *inflight) note(id uint16, of item) {
	f.items[id] = of
	switch of.kind {
	case ofMessage:
		f.messages[of.number] = id
	case ofStatus:
		f.status = id
	}
}

// room reports whether another line may be published. If not, the stream is woken
// when half of the room is free.
func (f *inflight) room() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	limit := f.window.size() - min(len(f.messages), f.window.size()/2)
	if f.window.room(limit) {
		f.wakeAt = noWake
		return true
	}
	f.wakeAt = limit / 2
	return false
}

// forget gives back the identifiers of messages that were dropped.
func (f *inflight) forget(numbers []uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, number := range numbers {
		if id, ok := f.messages[number]; ok {
			delete(f.items, id)
			delete(f.messages, number)
		}
	}
}

// drained reports whether the broker has acknowledged everything. If not, the
// stream is woken when it has.
func (f *inflight) drained() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wakeAt = 0
	return f.window.empty() && len(f.items) == 0
}

// quiet reports whether no publish is on its way. If one is, the stream is woken when
// that has changed.
func (f *inflight) quiet() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calm = len(f.items) > 0
	return !f.calm
}

// onTheWire counts the publishes without a PUBACK.
func (f *inflight) onTheWire() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.items)
}

// onTheirWay returns the names of the publishes without a PUBACK. All statuses have one
// name.
func (f *inflight) onTheirWay() map[sent]bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make(map[sent]bool, len(f.items))
	for _, of := range f.items {
		all[f.nameOf(of)] = true
	}
	return all
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
		delete(f.messages, item.number)
		f.queue.acked(item.number)
		f.wake.Set()
	case ofStatus:
		if f.status == id {
			f.status = 0
		}
		f.wake.Set()
	}
	if f.calm && len(f.items) == 0 {
		f.calm = false
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
