package broker

import (
	"sync"
	"time"
)

// takeoverTime is how long a new connection waits for the one before it to end.
const takeoverTime = 5 * time.Second

// owners says which connection has a client ID. A connection owns its ID from
// the moment its password was accepted until its goroutine ends, so whoever
// comes next finds the will published and the state in order.
type owners struct {
	mu sync.Mutex
	by map[string]*conn
}

// claim makes c the owner of id. It evicts whoever owns it, waits until that
// connection has ended, and answers false where it would not in time; then c
// is the owner all the same.
func (o *owners) claim(id string, c *conn, evict func(*conn)) bool {
	timeout := time.NewTimer(takeoverTime)
	defer timeout.Stop()
	for {
		o.mu.Lock()
		old := o.by[id]
		if old == nil {
			o.by[id] = c
			o.mu.Unlock()
			return true
		}
		o.mu.Unlock()
		evict(old)
		select {
		case <-old.ended:
		case <-timeout.C:
			o.mu.Lock()
			o.by[id] = c
			o.mu.Unlock()
			return false
		}
	}
}

// release gives the ID up, unless it went to another meanwhile.
func (o *owners) release(id string, c *conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.by[id] == c {
		delete(o.by, id)
	}
}
