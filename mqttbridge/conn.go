package mqttbridge

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"arduino-gateway/device"
)

// readSize holds some hundred PUBACKs or a few commands.
const readSize = 2 << 10

var errClosed = errors.New("connection closed on this side")

// conn is the connection that paho reads and writes, and the pump writes. It
// tells at once, and once, when the connection is lost.
//
// Each call of Write brings whole packets, so that those of the two writers
// never mix.
type conn struct {
	net.Conn
	incoming incoming      // paho's reading goroutine's
	answer   answer        // the same goroutine's
	stall    time.Duration // a write that takes longer ends the connection
	stuck    func() bool   // asked at each PINGREQ: does the broker live, and acknowledge nothing?

	mu    sync.Mutex // guards writing
	rearm time.Time  // when the write deadline has to be set anew

	once  sync.Once
	lost  chan struct{} // closed when the connection has ended
	cause error         // why; set before lost is closed
}

// newConn wraps an open connection; arrived is told of messages, and ledger of
// PUBACKs for what the pump published.
func newConn(inner net.Conn, stall time.Duration, arrived func(device.Message), ledger *ledger) *conn {
	c := &conn{Conn: inner, stall: stall, stuck: ledger.stuck, lost: make(chan struct{})}
	c.incoming = incoming{reader: bufio.NewReaderSize(inner, readSize), arrived: arrived, puback: c.puback, acked: ledger.acked}
	return c
}

func (c *conn) puback(id uint16) {
	_, _ = c.Write([]byte{0x40, 2, byte(id >> 8), byte(id)}) // an error ends the connection
}

// Write takes whole packets.
func (c *conn) Write(packets []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if packets[0]>>4 == pingreqType {
		c.incoming.pinged.Store(true)
		if c.stuck() {
			return 0, c.fail(errUnacknowledged)
		}
	}
	c.arm(time.Now())
	n, err := c.Conn.Write(packets)
	if err != nil {
		return n, c.fail(err)
	}
	return n, nil
}

// arm sets the write deadline between one and two stalls ahead: setting it for
// every write would cost more than the write is worth.
func (c *conn) arm(now time.Time) {
	if now.Before(c.rearm) {
		return
	}
	_ = c.Conn.SetWriteDeadline(now.Add(2 * c.stall)) // fails on a closed connection, as the write will
	c.rearm = now.Add(c.stall)
}

// Read is called by one goroutine of paho's.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.incoming.Read(p)
	c.answer.see(p[:n])
	if err != nil {
		return n, c.fail(err)
	}
	return n, nil
}

// fail ends the connection for the first cause given and returns that cause.
// It never waits for a write that is stuck: it is what frees it.
func (c *conn) fail(cause error) error {
	c.once.Do(func() {
		// paho takes this text for its own doing and tells nobody.
		if strings.Contains(cause.Error(), net.ErrClosed.Error()) {
			cause = errClosed
		}
		c.cause = cause
		close(c.lost)
		_ = transport(c.Conn).Close() // TLS would first try to say goodbye
	})
	<-c.lost
	return c.cause
}

// Close is paho's, after DISCONNECT or a loss.
func (c *conn) Close() error {
	_ = c.fail(errClosed)
	return nil
}

// SetWriteDeadline leaves the deadline to Write: paho would set one for every
// packet and take it back.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline bounds paho's handshake. It overrules what arm has set.
func (c *conn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rearm = time.Time{}
	return c.Conn.SetDeadline(t)
}

// transport is the connection below TLS or a WebSocket.
func transport(c net.Conn) net.Conn {
	for {
		outer, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = outer.NetConn()
	}
}

// answer reads along the first packet of a broker, the CONNACK: paho takes a
// return code that it does not know for an acceptance.
//
//	20 02 00 05   refused with code 5
//	20 02 01 00   accepted, and a session was kept
type answer struct {
	seen [4]byte
	n    int
}

func (a *answer) see(p []byte) {
	if a.n < len(a.seen) {
		a.n += copy(a.seen[a.n:], p)
	}
}

// code is the return code, 0 as long as there is none.
func (a *answer) code() byte { return a.seen[3] }

// sessionPresent is the first bit of the flags before the code.
func (a *answer) sessionPresent() bool { return a.seen[2]&1 != 0 }
