package broker

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

const listenerID = "tcp"

const (
	maxAcceptPause = time.Second     // between failed accepts, such as without free descriptors
	closeTime      = 5 * time.Second // for all connections to end when the broker closes
)

// listener implements the library's listeners.Listener and owns the connections.
// Each has one goroutine, and Close waits for all of them. Their number is bounded by
// the strangers, and by the hook for those that log in.
type listener struct {
	socket    net.Listener
	strangers *strangers
	log       *slog.Logger
	done      chan struct{} // closed by Close
	once      sync.Once
	wg        sync.WaitGroup // Serve and the connections

	mu    sync.Mutex
	conns map[*conn]struct{} // nil once closed
}

func newListener(socket net.Listener, s *strangers, log *slog.Logger) *listener {
	l := &listener{socket: socket, strangers: s, log: log, done: make(chan struct{}), conns: map[*conn]struct{}{}}
	l.wg.Add(1) // Serve, which the library starts in a goroutine
	return l
}

// The library needs these; there is one listener, which is open already.
func (l *listener) Init(*slog.Logger) error { return nil }
func (l *listener) ID() string              { return listenerID }
func (l *listener) Address() string         { return l.socket.Addr().String() }
func (l *listener) Protocol() string        { return "tcp" }

// Serve accepts connections until Close. After a failed accept it waits for a time
// that doubles.
func (l *listener) Serve(establish listeners.EstablishFn) {
	defer l.wg.Done()
	var pause time.Duration
	for {
		socket, err := l.socket.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			pause = min(max(2*pause, 5*time.Millisecond), maxAcceptPause)
			l.log.Warn("built-in broker: accept failed", "error", err, "retry", pause)
			if !l.wait(pause) {
				return
			}
			continue
		}
		pause = 0
		l.handle(socket, establish)
	}
}

// wait reports whether the time passed before the listener was closed.
func (l *listener) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.done:
		return false
	}
}

// handle serves a connection in a goroutine of its own. It closes another one if too
// many have not logged in.
func (l *listener) handle(socket net.Conn, establish listeners.EstablishFn) {
	c := newConn(socket)
	l.mu.Lock()
	if l.conns == nil {
		l.mu.Unlock()
		_ = socket.Close()
		return
	}
	l.conns[c] = struct{}{}
	l.wg.Add(1)
	l.mu.Unlock()
	if evicted := l.strangers.add(c); evicted != nil {
		l.log.Warn("built-in broker: connection closed: too many without a login", "remote", hostOf(evicted),
			"limit", maxStrangers, "limit_of_host", maxStrangersOfHost)
		_ = evicted.Close()
	}
	go func() {
		defer l.wg.Done()
		l.ended(c, establish(listenerID, c))
	}()
}

// ended forgets a connection.
func (l *listener) ended(c *conn, err error) {
	l.log.Debug("built-in broker: connection ended", "remote", c.RemoteAddr(), "error", err)
	l.strangers.remove(c)
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
	_ = c.Close()
	c.end()
}

// Close closes all connections, also those without a CONNECT, and waits for them.
// The library's own callback is not used: it only knows clients that have logged
// in, and takes a lock twice to find them.
func (l *listener) Close(listeners.CloseFn) {
	l.once.Do(func() {
		close(l.done)
		_ = l.socket.Close()
		l.mu.Lock()
		conns := l.conns
		l.conns = nil
		l.mu.Unlock()
		var wg sync.WaitGroup
		for c := range conns {
			wg.Go(func() { c.hangUp(packets.ErrServerShuttingDown) })
		}
		wg.Wait()
	})
	ended := make(chan struct{})
	go func() { l.wg.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-time.After(closeTime):
		l.log.Error("built-in broker: connections did not end", "after", closeTime)
	}
}
