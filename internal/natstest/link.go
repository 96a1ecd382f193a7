package natstest

import (
	"net"
	"sync"
	"testing"
)

// link passes bytes from one node to another, in both directions. Held, it passes
// nothing and keeps its connections open, as a network does that drops packets, and
// makes no new ones.
type link struct {
	listener net.Listener
	target   string
	wg       sync.WaitGroup

	mu     sync.Mutex
	open   chan struct{} // closed while bytes pass
	conns  map[net.Conn]bool
	closed bool
}

func newLink(tb testing.TB, target string) *link {
	tb.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	k := &link{listener: l, target: target, open: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(k.open)
	k.wg.Go(k.accept)
	tb.Cleanup(k.close)
	return k
}

func (k *link) addr() string { return k.listener.Addr().String() }

func (k *link) setHeld(held bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case <-k.open:
		if held {
			k.open = make(chan struct{})
		}
	default:
		if !held {
			close(k.open)
		}
	}
}

func (k *link) isHeld() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case <-k.open:
		return false
	default:
		return true
	}
}

// wait returns when bytes may pass.
func (k *link) wait() {
	k.mu.Lock()
	open := k.open
	k.mu.Unlock()
	<-open
}

func (k *link) close() {
	k.listener.Close()
	k.setHeld(false)
	k.mu.Lock()
	k.closed = true
	for conn := range k.conns {
		conn.Close()
	}
	k.mu.Unlock()
	k.wg.Wait()
}

func (k *link) accept() {
	for {
		from, err := k.listener.Accept()
		if err != nil {
			return
		}
		k.wg.Go(func() { k.serve(from) })
	}
}

// serve passes the bytes of a connection until one side closes it.
func (k *link) serve(from net.Conn) {
	if !k.keep(from) {
		return
	}
	defer k.drop(from)
	if k.isHeld() {
		return
	}
	to, err := net.Dial("tcp4", k.target)
	if err != nil || !k.keep(to) {
		return
	}
	defer k.drop(to)
	var back sync.WaitGroup
	back.Go(func() { k.pass(from, to) })
	k.pass(to, from)
	back.Wait()
}

// pass copies in one direction, and closes both sides at its end.
func (k *link) pass(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		k.wait() // also for the end of the connection
		if _, wrong := to.Write(buffer[:n]); err != nil || wrong != nil {
			return
		}
	}
}

// keep remembers a connection, or closes it if the link is closed.
func (k *link) keep(conn net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		conn.Close()
		return false
	}
	k.conns[conn] = true
	return true
}

func (k *link) drop(conn net.Conn) {
	conn.Close()
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.conns, conn)
}
