package publisher

import (
	"slices"
	"sync"
	"sync/atomic"
)

// MaxResults bounds the results of commands that wait for the broker. Beyond it
// the oldest is dropped: its sender has long stopped waiting.
const MaxResults = 256

// queue holds the status, and messages until their PUBACK. A new connection sends
// them again.
type queue struct {
	fresh atomic.Bool // something was put in since the stream last looked

	mu       sync.Mutex
	online   bool
	messages []message
	sent     int // so many of messages are published on this connection
	numbers  uint64
}

// message is the result of a command, or a message to retain.
type message struct {
	number  uint64 // rising
	command string // of a result, whose topic depends on the options
	topic   string // of a message to retain; "" for a result
	payload []byte
	done    func() // called when the broker has it, or it was dropped; may be nil
}

// over calls done.
func (m message) over() {
	if m.done != nil {
		m.done()
	}
}

func (m message) isResult() bool { return m.topic == "" }

// setOnline sets the status.
func (q *queue) setOnline(online bool) {
	q.mu.Lock()
	q.online = online
	q.mu.Unlock()
	q.fresh.Store(true)
}

// result queues a result and reports whether the oldest was dropped for it.
func (q *queue) result(command string, payload []byte, done func()) (dropped bool) {
	q.mu.Lock()
	results := 0
	for _, m := range q.messages {
		if m.isResult() {
			results++
		}
	}
	var oldest message
	if results == MaxResults {
		oldest, dropped = q.remove(message.isResult)
	}
	q.push(message{command: command, payload: payload, done: done})
	q.mu.Unlock()
	oldest.over()
	return dropped
}

// retain queues a message to retain. It replaces a message that waits for the same
// topic.
func (q *queue) retain(topic string, payload []byte, done func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.remove(func(m message) bool { return m.topic == topic })
	q.push(message{topic: topic, payload: payload, done: done})
}

// push numbers and appends a message; q.mu is held.
func (q *queue) push(m message) {
	q.numbers++
	m.number = q.numbers
	q.messages = append(q.messages, m)
	q.fresh.Store(true)
}

// remove removes the oldest such message; q.mu is held.
func (q *queue) remove(such func(message) bool) (m message, ok bool) {
	i := slices.IndexFunc(q.messages, such)
	if i < 0 {
		return message{}, false
	}
	m = q.messages[i]
	q.messages = slices.Delete(q.messages, i, i+1)
	if i < q.sent {
		q.sent--
	}
	return m, true
}

// status returns the wanted status.
func (q *queue) status() (online bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.online
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
	q.sent = 0
	q.fresh.Store(true)
}

// empty reports whether every message is acknowledged.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages) == 0
}
