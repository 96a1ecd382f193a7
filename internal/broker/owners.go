package broker

import (
	"sync"
	"time"
)

// takeoverTime is how long a new connection waits for the one before it to end.
const takeoverTime = 5 * time.Second

// owners maps each client ID to its connection. A connection owns its ID from the
// accepted password until its goroutine ends, so that the next connection finds the
// will published and the state in order.
type owners struct {
	mu sync.Mutex
	by map[string]*conn
}

// claim makes c the owner of id. It evicts the current owner and waits until that
// connection has ended. It returns false if it did not end in time; c is then the
// owner anyway.
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

// release removes the owner of an ID, unless another connection owns it now.
func (o *owners) release(id string, c *conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.by[id] == c {
		delete(o.by, id)
	}
}
