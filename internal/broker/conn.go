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
	farewellTime = time.Second      // for the last write when we hang up
)

// conn is a client's connection with its deadlines kept apart: the library sets
// one for both directions, after the keep-alive, which may be none.
type conn struct {
	net.Conn
	ended    chan struct{} // closed by end, when all that belongs to the connection is over
	leaving  atomic.Bool   // hangUp was called: writes get farewellTime
	sent     atomic.Uint64 // PUBLISH packets written
	retained pace          // of the client's own goroutine, as is aside
	aside    *packets.Packet

	mu       sync.Mutex
	client   *mqtt.Client // nil until it has logged in
	onEnd    func()
	hungOnce sync.Once
}

func newConn(socket net.Conn) *conn {
	_ = socket.SetReadDeadline(time.Now().Add(connectTime)) // fails only if it is closed, as will the read
	return &conn{Conn: socket, ended: make(chan struct{})}
}

// SetDeadline is what the library calls before every read, for the keep-alive.
func (c *conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// Write bounds the time and closes after a failure: half a packet went out, and
// the library would write on.
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

// loggedIn tells whose connection this is, and what to do when it has ended.
func (c *conn) loggedIn(client *mqtt.Client, onEnd func()) {
	c.mu.Lock()
	c.client, c.onEnd = client, onEnd
	c.mu.Unlock()
}

// end is called once, by the connection's goroutine, as its last act.
func (c *conn) end() {
	c.mu.Lock()
	onEnd := c.onEnd
	c.mu.Unlock()
	if onEnd != nil {
		onEnd()
	}
	close(c.ended)
}

// hangUp ends the connection from our side, within farewellTime. Only MQTT 5 has
// a DISCONNECT from the server; to a client of 3.1.1 it would be a violation. The
// library's own way out would forget the will when a packet is just being
// handled, so the connection is closed below it.
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
