package mqttbridge

import (
	"slices"
	"sync"
	"sync/atomic"
)

// maxResults bounds the results of commands that wait for the broker. When it
// is full the oldest goes: whoever sent that command has long stopped waiting.
const maxResults = 256

// outbox holds what a session wants to say besides readings: the status, of
// which only the last counts, and messages until their PUBACK. It outlives
// connections.
type outbox struct {
	fresh atomic.Bool // something was put in since the pump last looked

	mu       sync.Mutex
	online   bool
	messages []message
	given    int // so many of messages are published on this connection
	numbers  uint64
}

// message is a result, or what is to be retained on a topic of its own.
type message struct {
	number  uint64 // rising
	command string // of a result, whose topic is the session's to say
	topic   string // "" is that of a result
	payload []byte
	done    func() // called when the broker has it, or it had to go; nil is nobody
}

// over tells whoever wants to know that the message is gone.
func (m message) over() {
	if m.done != nil {
		m.done()
	}
}

func (m message) isResult() bool { return m.topic == "" }

// setOnline puts the status in.
func (o *outbox) setOnline(online bool) {
	o.mu.Lock()
	o.online = online
	o.mu.Unlock()
	o.fresh.Store(true)
}

// result puts a result in and tells whether the oldest had to go.
func (o *outbox) result(command string, payload []byte, told func()) (dropped bool) {
	o.mu.Lock()
	results := 0
	for _, m := range o.messages {
		if m.isResult() {
			results++
		}
	}
	var oldest message
	if results == maxResults {
		oldest, dropped = o.remove(message.isResult)
	}
	o.push(message{command: command, payload: payload, done: told})
	o.mu.Unlock()
	oldest.over()
	return dropped
}

// retain puts in what a topic is to retain, in place of what waits for that
// topic: only the last counts.
func (o *outbox) retain(topic string, payload []byte, done func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remove(func(m message) bool { return m.topic == topic })
	o.push(message{topic: topic, payload: payload, done: done})
}

// push numbers a message; o.mu is held.
func (o *outbox) push(m message) {
	o.numbers++
	m.number = o.numbers
	o.messages = append(o.messages, m)
	o.fresh.Store(true)
}

// remove takes the oldest such message out; o.mu is held.
func (o *outbox) remove(such func(message) bool) (m message, ok bool) {
	i := slices.IndexFunc(o.messages, such)
	if i < 0 {
		return message{}, false
	}
	m = o.messages[i]
	o.messages = slices.Delete(o.messages, i, i+1)
	if i < o.given {
		o.given--
	}
	return m, true
}

// status is the wanted status.
func (o *outbox) status() (online bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.online
}

// next gives the oldest message not yet given on this connection.
func (o *outbox) next() (m message, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.given == len(o.messages) {
		return message{}, false
	}
	m = o.messages[o.given]
	o.given++
	return m, true
}

// acked forgets a message. One that another has replaced is forgotten already.
func (o *outbox) acked(number uint64) {
	o.mu.Lock()
	m, _ := o.remove(func(m message) bool { return m.number == number })
	o.mu.Unlock()
	m.over()
}

// rewind begins a new connection: all is to be given again.
func (o *outbox) rewind() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.given = 0
	o.fresh.Store(true)
}

// empty tells whether every message is acknowledged.
func (o *outbox) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.messages) == 0
}
