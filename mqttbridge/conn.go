package mqttbridge

import (
	"bufio"
	"errors"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// flushSize is how many bytes are gathered at most before they are sent.
	flushSize = 16 << 10
	// readSize holds some hundred PUBACKs or a few commands.
	readSize = 2 << 10
	// publishType is the packet type of PUBLISH in a packet's first four bits.
	publishType = 3
)

var errClosed = errors.New("connection closed on this side")

// conn is the connection that paho reads and writes. It sends many PUBLISH
// packets with one system call and tells at once, and once, when the connection
// is lost.
//
// paho writes a packet with one call of Write. The pump announces how many
// PUBLISH packets are to come; they are gathered, and the last of them takes
// all along. Any other packet is sent at once, with what was gathered before
// it. So nothing waits for a timer, and nothing overtakes.
type conn struct {
	net.Conn
	incoming  incoming      // paho's reading goroutine's
	answer    answer        // the same goroutine's
	stall     time.Duration // a write that takes longer ends the connection
	announced atomic.Int64  // PUBLISH packets to come

	mu       sync.Mutex // guards writing
	gathered []byte
	rearm    time.Time // when the write deadline has to be set anew

	once  sync.Once
	lost  chan struct{} // closed when the connection has ended
	cause error         // why; set before lost is closed
}

// newConn wraps an open connection; passed is told of messages that were passed
// over for their size.
func newConn(inner net.Conn, stall time.Duration, passed func(topic string, size int)) *conn {
	c := &conn{Conn: inner, stall: stall, lost: make(chan struct{})}
	c.incoming = incoming{reader: bufio.NewReaderSize(inner, readSize), passed: passed, puback: c.puback}
	return c
}

func (c *conn) puback(id uint16) {
	_, _ = c.Write([]byte{0x40, 2, byte(id >> 8), byte(id)}) // an error ends the connection
}

// announce adds n to the PUBLISH packets to come, or takes away those that did
// not. With none left to wait for, what is gathered is sent.
func (c *conn) announce(n int64) {
	if c.announced.Add(n) > 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.flush() // an error ends the connection, which everyone hears of
}

// Write takes one packet.
func (c *conn) Write(packet []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gathered = append(c.gathered, packet...)
	if packet[0]>>4 == publishType && c.announced.Add(-1) > 0 && len(c.gathered) < flushSize {
		return len(packet), nil
	}
	if err := c.flush(); err != nil {
		return 0, err
	}
	return len(packet), nil
}

func (c *conn) flush() error {
	if len(c.gathered) == 0 {
		return nil
	}
	c.arm(time.Now())
	_, err := c.Conn.Write(c.gathered)
	c.gathered = c.gathered[:0]
	if err != nil {
		return c.fail(err)
	}
	return nil
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

// Close is paho's, after DISCONNECT or a loss. Whatever is still gathered then
// has no PUBACK and is sent again over the next connection.
func (c *conn) Close() error {
	_ = c.fail(errClosed)
	return nil
}

// SetWriteDeadline leaves the deadline to flush: paho would set one for every
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
