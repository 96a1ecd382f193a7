package mqttbridge

import (
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// proxy passes bytes between clients and a broker until the network is cut.
type proxy struct {
	listener net.Listener
	target   string
	scheme   string
	wg       sync.WaitGroup

	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

func newProxy(t testing.TB, target *url.URL) *proxy {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target.Host, scheme: target.Scheme}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.setDown(true)
		p.wg.Wait()
	})
	return p
}

func (p *proxy) url() *url.URL { return &url.URL{Scheme: p.scheme, Host: p.listener.Addr().String()} }

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		broker, err := net.Dial("tcp", p.target)
		if err != nil || !p.keep(client, broker) {
			client.Close()
			continue
		}
		p.wg.Go(func() { pass(client, broker) })
		p.wg.Go(func() { pass(broker, client) })
	}
}

// keep remembers a pair, or closes it if the network is down.
func (p *proxy) keep(client, broker net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.down {
		broker.Close()
		return false
	}
	p.conns = append(p.conns, client, broker)
	return true
}

func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	to.Close()
	from.Close()
}

// cut ends all connections, wherever in a packet they are.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range p.conns {
		conn.(*net.TCPConn).SetLinger(0) // what is on its way is lost
		conn.Close()
	}
	p.conns = nil
}

// setDown cuts, and refuses connections while down.
func (p *proxy) setDown(down bool) {
	p.mu.Lock()
	p.down = down
	p.mu.Unlock()
	p.cut()
}
