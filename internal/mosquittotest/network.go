package mosquittotest

import (
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// Network passes bytes between clients and a broker until it is cut.
type Network struct {
	listener net.Listener
	target   *url.URL
	cuts     atomic.Int64
	wg       sync.WaitGroup

	mu    sync.Mutex
	down  bool
	limit func() int64
	conns map[net.Conn]bool
	pairs map[*pair]bool
	held  []net.Conn // to the broker, whose clients are gone
}

// NewNetwork returns a network before the broker at target. It ends with the test.
func NewNetwork(tb testing.TB, target *url.URL) *Network {
	tb.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	n := &Network{listener: l, target: target, conns: map[net.Conn]bool{}, pairs: map[*pair]bool{}}
	n.wg.Go(n.accept)
	tb.Cleanup(func() {
		l.Close()
		n.SetDown(true)
		n.Release()
		n.wg.Wait()
	})
	return n
}

// URL returns the broker's address through the network.
func (n *Network) URL() *url.URL {
	return &url.URL{Scheme: n.target.Scheme, Host: n.listener.Addr().String()}
}

// Cut ends all connections, even within a packet. What is in flight is lost.
func (n *Network) Cut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for conn := range n.conns {
		reset(conn)
		delete(n.conns, conn)
	}
}

// Hold cuts all clients, and keeps their connections open on the broker's side, as a
// router does that has lost power. Release ends these.
func (n *Network) Hold() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for p := range n.pairs {
		p.held = true
		n.held = append(n.held, p.broker)
		reset(p.client)
		delete(n.conns, p.client)
		delete(n.conns, p.broker)
	}
}

// Release ends the connections that Hold has kept: now the broker notices.
func (n *Network) Release() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, conn := range n.held {
		reset(conn)
	}
	n.held = nil
}

// SetDown cuts all connections, and refuses new ones while down.
func (n *Network) SetDown(down bool) {
	n.mu.Lock()
	n.down = down
	n.mu.Unlock()
	n.Cut()
}

// SetLimit cuts each new connection after limit bytes, counted in both directions.
// A nil limit never cuts.
func (n *Network) SetLimit(limit func() int64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.limit = limit
}

// Cuts returns how many connections reached their limit.
func (n *Network) Cuts() int { return int(n.cuts.Load()) }

func (n *Network) accept() {
	for {
		client, err := n.listener.Accept()
		if err != nil {
			return
		}
		broker, err := net.Dial("tcp", n.target.Host)
		if err != nil {
			client.Close()
			continue
		}
		if p, ok := n.keep(client, broker); ok {
			n.wg.Go(func() { n.pass(p, client, broker) })
			n.wg.Go(func() { n.pass(p, broker, client) })
		}
	}
}

// pair is a client's connection and the one to the broker.
type pair struct {
	client, broker net.Conn
	held           bool // the broker's side stays open
	limited        bool
	left           atomic.Int64 // bytes, if limited
}

// keep adds a pair, or closes it if the network is down.
func (n *Network) keep(client, broker net.Conn) (*pair, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.down {
		client.Close()
		broker.Close()
		return nil, false
	}
	p := &pair{client: client, broker: broker, limited: n.limit != nil}
	n.pairs[p] = true
	if p.limited {
		p.left.Store(n.limit())
	}
	n.conns[client], n.conns[broker] = true, true
	return p, true
}

// pass copies in one direction until a side closes or the limit is reached.
func (n *Network) pass(p *pair, to, from net.Conn) {
	buffer := make([]byte, 16<<10)
	for {
		got, err := from.Read(buffer)
		if p.limited && int64(got) > 0 {
			after := p.left.Add(-int64(got))
			if after <= 0 && after+int64(got) > 0 {
				_, _ = to.Write(buffer[:after+int64(got)])
				n.cuts.Add(1)
			}
			if after <= 0 {
				n.end(p, reset)
				return
			}
		}
		if _, wrong := to.Write(buffer[:got]); err != nil || wrong != nil {
			n.end(p, func(c net.Conn) { c.Close() })
			return
		}
	}
}

func (n *Network) end(p *pair, how func(net.Conn)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.pairs, p)
	if p.held {
		return
	}
	for _, conn := range []net.Conn{p.client, p.broker} {
		how(conn)
		delete(n.conns, conn)
	}
}

func reset(conn net.Conn) {
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
}
