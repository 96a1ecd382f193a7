package publisher

import (
	"slices"
	"sync"
	"sync/atomic"
)

// MaxResults bounds the results of commands that wait for the broker, beside those
// that were rejected.
const MaxResults = 512

// kind is what a message of the queue is.
type kind int

const (
	ofCommand   kind = iota // the result of a command, whose topic depends on the options
	ofRejection             // the same, for a command that was rejected
	toRetain                // a message to retain, at most one for each topic
	kinds                   // their number
)

// bounds are the most messages of each kind. Beyond them the oldest of the kind is
// dropped, so that a flood of rejections displaces no other result. On a connection it
// is published already, and only a broker that acknowledges nothing gets so far.
var bounds = [kinds]load{
	ofCommand:   {MaxResults, 256 << 10},
	ofRejection: {2 * MaxResults, 512 << 10},
	toRetain:    {4 * MaxResults, 16 << 20},
}

// queue holds the status, and messages until their PUBACK. A new connection sends
// them again.
type queue struct {
	fresh atomic.Bool // something was put in since the stream last looked

	mu       sync.Mutex
	wanted   string // status; "" publishes none
	repeat   bool   // publish the status again, though it has not changed
	messages []message
	loads    [kinds]load // of messages
	sent     int         // so many of messages are published on this connection
	dropped  []uint64    // numbers of those that were published on it and will get no PUBACK
	numbers  uint64
}

// load is how many messages of a kind wait, and their bytes.
type load struct{ count, bytes int }

// with returns the load with n more messages of so many bytes.
func (l load) with(n, bytes int) load { return load{l.count + n, l.bytes + n*bytes} }

// exceeds reports whether the load is above a bound. One message never is.
func (l load) exceeds(most load) bool {
	return l.count > 1 && (l.count > most.count || l.bytes > most.bytes)
}

// message is the result of a command, or a message to retain.
type message struct {
	kind    kind
	number  uint64 // rising
	command string // of a result
	topic   string // of a message to retain
	payload []byte
	done    func() // called when the broker has it, or it was dropped; may be nil
}

// over calls done.
func (m message) over() {
	if m.done != nil {
		m.done()
	}
}

func (m message) isResult() bool { return m.kind != toRetain }

// size returns how many bytes the message keeps in memory, about.
func (m message) size() int { return 128 + len(m.command) + len(m.topic) + len(m.payload) }

// setStatus sets the status.
func (q *queue) setStatus(status string) {
	q.mu.Lock()
	q.wanted = status
	q.mu.Unlock()
	q.fresh.Store(true)
}

// repeatStatus has the stream publish the status again.
func (q *queue) repeatStatus() {
	q.mu.Lock()
	q.repeat = true
	q.mu.Unlock()
	q.fresh.Store(true)
}

// put queues a message and returns how many were dropped for it. A message to retain
// replaces one that waits for the same topic.
func (q *queue) put(m message) (dropped int) {
	q.mu.Lock()
	if m.kind == toRetain {
		q.drop(func(before message) bool { return before.kind == toRetain && before.topic == m.topic })
	}
	q.push(m)
	var oldest []message
	for q.loads[m.kind].exceeds(bounds[m.kind]) {
		oldest = append(oldest, q.drop(func(before message) bool { return before.kind == m.kind }))
	}
	q.mu.Unlock()
	for _, m := range oldest {
		if m.isResult() {
			m.over()
		}
	}
	return len(oldest)
}

// push numbers and appends a message; q.mu is held.
func (q *queue) push(m message) {
	q.numbers++
	m.number = q.numbers
	q.messages = append(q.messages, m)
	q.loads[m.kind] = q.loads[m.kind].with(1, m.size())
	q.fresh.Store(true)
}

// drop removes the oldest such message, if there is one. If it is published, its
// identifier becomes free; q.mu is held.
func (q *queue) drop(such func(message) bool) message {
	sent := q.sent
	m, _ := q.remove(such)
	if q.sent < sent {
		q.dropped = append(q.dropped, m.number)
		q.fresh.Store(true)
	}
	return m
}

// takeDropped returns the messages that were dropped since it was called last,
// though they were published on this connection.
func (q *queue) takeDropped() []uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	dropped := q.dropped
	q.dropped = nil
	return dropped
}

// remove removes the oldest such message; q.mu is held.
func (q *queue) remove(such func(message) bool) (m message, ok bool) {
	i := slices.IndexFunc(q.messages, such)
	if i < 0 {
		return message{}, false
	}
	m = q.messages[i]
	q.messages = slices.Delete(q.messages, i, i+1)
	q.loads[m.kind] = q.loads[m.kind].with(-1, m.size())
	if i < q.sent {
		q.sent--
	}
	return m, true
}

// status returns the wanted status, and whether it is to be published even if it has
// not changed.
func (q *queue) status() (wanted string, repeat bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	wanted, repeat = q.wanted, q.repeat
	q.repeat = false
	return wanted, repeat
}

// unsent returns how many messages are not yet published on this connection.
func (q *queue) unsent() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages) - q.sent
}

// next returns the oldest message not yet published on this connection.
func (q *queue) next() (m message, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.sent == len(q.messages) {
		return message{}, false
	}
	m = q.messages[q.sent]
	q.sent++
	return m, true
}

// acked removes a message. One that another replaced is removed already.
func (q *queue) acked(number uint64) {
	q.mu.Lock()
	m, _ := q.remove(func(m message) bool { return m.number == number })
	q.mu.Unlock()
	m.over()
}

// rewind begins a new connection: everything is published again.
func (q *queue) rewind() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sent, q.dropped = 0, nil
	q.fresh.Store(true)
}

// empty reports whether every message is acknowledged.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages) == 0
}
