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
// which only the last counts, and results until their PUBACK. It outlives
// connections.
type outbox struct {
	fresh atomic.Bool // something was put in since the pump last looked

	mu      sync.Mutex
	online  bool
	results []result
	given   int // so many of results are published on this connection
	numbers uint64
}

// result is a result to publish.
type result struct {
	number  uint64 // rising
	command string
	payload []byte
}

// setOnline puts the status in.
func (o *outbox) setOnline(online bool) {
	o.mu.Lock()
	o.online = online
	o.mu.Unlock()
	o.fresh.Store(true)
}

// push puts a result in and tells whether the oldest had to go.
func (o *outbox) push(command string, payload []byte) (dropped bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.results) == maxResults {
		o.results = slices.Delete(o.results, 0, 1)
		o.given = max(0, o.given-1)
		dropped = true
	}
	o.numbers++
	o.results = append(o.results, result{o.numbers, command, payload})
	o.fresh.Store(true)
	return dropped
}

// status is the wanted status.
func (o *outbox) status() (online bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.online
}

// next gives the oldest result not yet given on this connection.
func (o *outbox) next() (r result, ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.given == len(o.results) {
		return result{}, false
	}
	r = o.results[o.given]
	o.given++
	return r, true
}

// acked forgets a result.
func (o *outbox) acked(number uint64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, r := range o.results[:o.given] {
		if r.number == number {
			o.results = slices.Delete(o.results, i, i+1)
			o.given--
			return
		}
	}
}

// rewind begins a new connection: all is to be given again.
func (o *outbox) rewind() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.given = 0
	o.fresh.Store(true)
}

// empty tells whether every result is acknowledged.
func (o *outbox) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.results) == 0
}
