package broker

import (
	"net"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

const (
	connectTime  = 10 * time.Second // for the CONNECT to arrive
	writeTime    = 10 * time.Second // for one write, before the peer counts as gone
	farewellTime = time.Second      // for the last write when the broker closes the connection
)

// conn is a client's connection with separate deadlines for reading and writing.
// The library sets one for both, from the keep-alive, which may be off.
type conn struct {
	net.Conn
	ended    chan struct{} // closed by end
	leaving  atomic.Bool   // hangUp was called: writes get farewellTime
	sent     atomic.Uint64 // PUBLISH packets written
	opening  opening       // like retained and aside, belongs to the client's goroutine
	retained pace
	aside    *packets.Packet
	own      bool // a session of the gateway; set by the login

	mu       sync.Mutex
	client   *mqtt.Client // nil before the login
	onEnd    func()
	hungOnce sync.Once
}

func newConn(socket net.Conn) *conn {
	_ = socket.SetReadDeadline(time.Now().Add(connectTime)) // fails only on a closed connection, as the read will
	return &conn{Conn: socket, ended: make(chan struct{})}
}

// SetDeadline is called by the library before every read, for the keep-alive.
func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// Read ends the connection before the library sees a first packet that it should not.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if refused := c.opening.take(b[:n]); refused != nil {
		return 0, refused
	}
	return n, err
}

// Write has a deadline and closes the connection after a failure: half a packet
// may be out, and the library would continue.
func (c *conn) Write(b []byte) (int, error) {
	limit := writeTime
	if c.leaving.Load() {
		limit = farewellTime
	}
	if err := c.SetWriteDeadline(time.Now().Add(limit)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Write(b)
	if err != nil {
		_ = c.Close()
	}
	return n, err
}

// loggedIn sets the client, and what to do when the connection has ended.
func (c *conn) loggedIn(client *mqtt.Client, onEnd func()) {
	c.mu.Lock()
	c.client, c.onEnd = client, onEnd
	c.mu.Unlock()
}

// end is called once, as the last act of the connection's goroutine.
func (c *conn) end() {
	c.mu.Lock()
	onEnd := c.onEnd
	c.mu.Unlock()
	if onEnd != nil {
		onEnd()
	}
	close(c.ended)
}

// hangUp closes the connection within farewellTime. Only MQTT 5 has a DISCONNECT
// from the server; MQTT 3.1.1 forbids it. The library's own way would lose the will
// while a packet is being handled, so the connection is closed below it.
func (c *conn) hangUp(why packets.Code) {
	c.hungOnce.Do(func() {
		c.leaving.Store(true)
		_ = c.SetWriteDeadline(time.Now().Add(farewellTime)) // frees a writer that holds the client's lock
		c.mu.Lock()
		client := c.client
		c.mu.Unlock()
		if client != nil && client.Properties.ProtocolVersion >= 5 {
			_ = client.WritePacket(packets.Packet{ // a courtesy; the connection closes either way
				FixedHeader: packets.FixedHeader{Type: packets.Disconnect},
				ReasonCode:  why.Code,
				Properties:  packets.Properties{ReasonString: why.Reason},
			})
		}
		_ = c.Close()
	})
}
