package mqttbridge

import (
	"sync"

	"arduino-gateway/internal/wake"
)

// noWake is the wakeAt of a pump that does not wait for acknowledgements.
const noWake = -1

// ledger follows what the pump has published over one connection until its
// PUBACK. The pump enters, paho's reading goroutine strikes out.
type ledger struct {
	source  Source
	outbox  *outbox
	wake    wake.Signal // the pump's
	counted *counters

	mu     sync.Mutex
	last   uint16           // identifier given last
	owners map[uint16]owner // by packet identifier, of what has no PUBACK
	window window
	wakeAt int    // wake the pump when so few publishes are on their way
	asked  uint64 // the window's head when stuck was asked last, and 1
}

// owner is what a PUBACK is good for.
type owner struct {
	kind   byte
	number uint64 // position of a line in the window, or number of a message
}

const (
	ofStatus = iota
	ofLine
	ofMessage
)

func newLedger(source Source, box *outbox, wakeUp wake.Signal, counted *counters, inflight int) *ledger {
	return &ledger{source: source, outbox: box, wake: wakeUp, counted: counted,
		owners: make(map[uint16]owner), window: newWindow(inflight), wakeAt: noWake}
}

// open takes a line of so many publishes into the window and gives their owner.
// A line of none is acknowledged here.
func (l *ledger) open(seq uint64, publishes int) owner {
	l.mu.Lock()
	defer l.mu.Unlock()
	position := l.window.open(seq, publishes)
	if publishes == 0 {
		l.advance()
	}
	return owner{kind: ofLine, number: position}
}

// enter gives the identifier of a publish: the next one that is free. One
// always is, since the window and the outbox are far smaller than their number.
func (l *ledger) enter(of owner) (id uint16) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for taken := true; taken; _, taken = l.owners[l.last] {
		l.last = max(l.last+1, firstID) // 65535 is followed by 0, and so by the first
	}
	l.owners[l.last] = of
	return l.last
}

// room tells whether another line may be published; if not, the pump is woken
// when half of the window is free.
func (l *ledger) room() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.window.room() {
		l.wakeAt = noWake
		return true
	}
	l.wakeAt = l.window.size() / 2
	return false
}

// drained tells whether the broker has all that was published; if not, the
// pump is woken when it has.
func (l *ledger) drained() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wakeAt = 0
	return l.window.empty() && len(l.owners) == 0
}

// acked takes a PUBACK. A broker may send one twice, or for what was never sent.
func (l *ledger) acked(id uint16) {
	l.mu.Lock()
	defer l.mu.Unlock()
	owner, ok := l.owners[id]
	if !ok {
		return
	}
	delete(l.owners, id)
	switch owner.kind {
	case ofLine:
		l.window.done(owner.number)
		l.advance()
	case ofMessage:
		l.outbox.acked(owner.number)
		l.wake.Set()
	case ofStatus:
		l.wake.Set()
	}
}

// stuck tells whether the oldest line waits for its PUBACK since stuck was asked
// last. The library asks for signs of life once a keep-alive, whatever else is
// sent, so that this is how long a broker has.
func (l *ledger) stuck() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.asked
	l.asked = l.window.head + 1
	return !l.window.empty() && l.asked == before
}

// advance tells the source of the lines that are acknowledged without a gap.
// The lock is held meanwhile, so that the source hears it in order.
func (l *ledger) advance() {
	before := l.window.head
	if seq, ok := l.window.advance(); ok {
		l.counted.acked.Add(l.window.head - before)
		l.source.Ack(seq)
	}
	if l.window.flying <= l.wakeAt {
		l.wakeAt = noWake
		l.wake.Set()
	}
}
