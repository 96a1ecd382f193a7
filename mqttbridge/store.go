package mqttbridge

import (
	"strconv"
	"strings"
	"sync"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// noWake is the wakeAt of a pump that does not wait for acknowledgements.
const noWake = -1

// store is where paho keeps what it has not delivered. This one keeps nothing:
// every connection starts again from the Source. It listens: paho puts a packet
// inside Publish, in the pump's goroutine, and deletes it when its PUBACK comes.
//
//	Put("o.17", PUBLISH)   the pump publishes with message ID 17
//	Del("o.17")            PUBACK 17
//
// One store serves one connection.
type store struct {
	source  Source
	outbox  *outbox
	wake    chan<- struct{} // the pump's, capacity 1
	counted *counters

	owner owner  // of what the pump publishes next; the pump's alone
	last  uint16 // message ID of what it published last; the pump's alone

	mu     sync.Mutex
	owners map[uint16]owner // by message ID, of what has no PUBACK
	window window
	wakeAt int // wake the pump when so few publishes are on their way
}

// owner is what a PUBACK is good for.
type owner struct {
	kind   byte
	number uint64 // position of a line in the window, or number of a result
}

const (
	ofStatus = iota // nobody waits for its PUBACK
	ofLine
	ofResult
)

func newStore(source Source, box *outbox, wake chan<- struct{}, counted *counters) *store {
	return &store{source: source, outbox: box, wake: wake, counted: counted,
		owners: make(map[uint16]owner), wakeAt: noWake}
}

// open takes a line of so many publishes into the window and gives their owner.
// A line of none is acknowledged here.
func (s *store) open(seq uint64, publishes int) owner {
	s.mu.Lock()
	defer s.mu.Unlock()
	position := s.window.open(seq, publishes)
	if publishes == 0 {
		s.advance()
	}
	return owner{kind: ofLine, number: position}
}

// room tells whether another line may be published; if not, the pump is woken
// when half of the window is free.
func (s *store) room() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.window.room() {
		s.wakeAt = noWake
		return true
	}
	s.wakeAt = windowSize / 2
	return false
}

// drained tells whether all lines are acknowledged; if not, the pump is woken
// when they are.
func (s *store) drained() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakeAt = 0
	return s.window.empty()
}

// forget drops what was published last: paho did not take it.
func (s *store) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.owners, s.last)
}

// Put is called by paho for each packet that waits for an answer.
func (s *store) Put(key string, packet packets.ControlPacket) {
	id, ok := outboundID(key)
	if _, isPublish := packet.(*packets.PublishPacket); !ok || !isPublish {
		return
	}
	s.last = id
	s.mu.Lock()
	s.owners[id] = s.owner
	s.mu.Unlock()
}

// Del is called by paho when a packet has its answer. Acknowledgements of
// SUBSCRIBE come here too, and those of messages that paho received.
func (s *store) Del(key string) {
	id, ok := outboundID(key)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	owner, ok := s.owners[id]
	if !ok {
		return
	}
	delete(s.owners, id)
	switch owner.kind {
	case ofLine:
		s.window.done(owner.number)
		s.advance()
	case ofResult:
		s.outbox.acked(owner.number)
		signal(s.wake)
	}
}

// advance tells the source of the lines that are acknowledged without a gap.
// The lock is held meanwhile, so that the source hears it in order.
func (s *store) advance() {
	before := s.window.head
	if seq, ok := s.window.advance(); ok {
		s.counted.acked.Add(s.window.head - before)
		s.source.Ack(seq)
	}
	if s.window.flying <= s.wakeAt {
		s.wakeAt = noWake
		signal(s.wake)
	}
}

// Get, All, Open, Close and Reset have nothing to give or to clear: paho finds
// nothing to resume.
func (s *store) Get(string) packets.ControlPacket { return nil }
func (s *store) All() []string                    { return nil }
func (s *store) Open()                            {}
func (s *store) Close()                           {}
func (s *store) Reset()                           {}

// outboundID takes the message ID out of paho's key, "o.17".
func outboundID(key string) (id uint16, ok bool) {
	text, ok := strings.CutPrefix(key, "o.")
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return uint16(n), err == nil
}

// signal wakes who waits on a channel of capacity 1.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
