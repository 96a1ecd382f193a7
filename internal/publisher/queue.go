package publisher

import (
	"slices"
	"sync"
	"sync/atomic"
)

// MaxResults bounds the results of commands that wait for the broker. Beyond it, or
// beyond maxResultBytes, the oldest is dropped: its sender has long stopped waiting.
const MaxResults = 512

const (
	maxResultBytes = 256 << 10

	// maxRejections is how many results may wait when the rejection of a command is
	// still put behind them. Beyond it the rejection is dropped, so that a flood of
	// them displaces no result of a command that ran.
	maxRejections = MaxResults / 2

	// maxRetained and maxRetainedBytes bound the messages to retain, which are at most
	// one for each topic. Beyond them the oldest is dropped.
	maxRetained      = 4096
	maxRetainedBytes = 16 << 20
)

// queue holds the status, and messages until their PUBACK. A new connection sends
// them again.
type queue struct {
	fresh atomic.Bool // something was put in since the stream last looked

	mu       sync.Mutex
	wanted   string // status; "" publishes none
	repeat   bool   // publish the status again, though it has not changed
	messages []message
	results  load     // of messages
	retained load     // of messages
	sent     int      // so many of messages are published on this connection
	dropped  []uint64 // numbers of those that were published on it and will get no PUBACK
	numbers  uint64
}

// load is how many messages of a kind wait, and their bytes.
type load struct{ count, bytes int }

// with returns the load with n more messages of so many bytes.
func (l load) with(n, bytes int) load { return load{l.count + n, l.bytes + n*bytes} }

// exceeds reports whether the load is above a limit.
func (l load) exceeds(count, bytes int) bool { return l.count > count || l.bytes > bytes }

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

// result queues a result and returns how many were dropped for it, or instead of it
// if it is a rejection.
func (q *queue) result(m message, rejection bool) (dropped int) {
	q.mu.Lock()
	if rejection && q.results.count >= maxRejections {
		q.mu.Unlock()
		m.over()
		return 1
	}
	q.push(m)
	var oldest []message
	for q.results.exceeds(MaxResults, maxResultBytes) && q.results.count > 1 {
		oldest = append(oldest, q.drop(message.isResult))
	}
	q.mu.Unlock()
	for _, m := range oldest {
		m.over()
	}
	return len(oldest)
}

// retain queues a message to retain and returns how many were dropped for it. It
// replaces a message that waits for the same topic.
func (q *queue) retain(m message) (dropped int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.drop(func(before message) bool { return before.topic == m.topic })
	q.push(m)
	for q.retained.exceeds(maxRetained, maxRetainedBytes) && q.retained.count > 1 {
		q.drop(func(m message) bool { return !m.isResult() })
		dropped++
	}
	return dropped
}

// push numbers and appends a message; q.mu is held.
func (q *queue) push(m message) {
	q.numbers++
	m.number = q.numbers
	q.messages = append(q.messages, m)
	q.weigh(m, 1)
	q.fresh.Store(true)
}

// weigh adds n such messages to the load; q.mu is held.
func (q *queue) weigh(m message, n int) {
	if m.isResult() {
		q.results = q.results.with(n, m.size())
	} else {
		q.retained = q.retained.with(n, m.size())
	}
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
	q.weigh(m, -1)
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

// more reports whether a message is not yet published on this connection.
func (q *queue) more() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.sent < len(q.messages)
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
