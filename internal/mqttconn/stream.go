package mqttconn

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

// farewellTime bounds the DISCONNECT on a connection that is given up.
const farewellTime = 100 * time.Millisecond

var errClosed = errors.New("connection closed on this side")

// stream is the connection that paho reads and writes, and Conn.Write writes. It
// reports once, and at once, when the connection is lost.
//
// Each call of Write has whole packets, so that packets of the two writers never
// mix.
type stream struct {
	net.Conn
	incoming incoming      // of the goroutine of paho that reads
	connack  connack       // of the same goroutine
	stall    time.Duration // a write that takes longer ends the connection
	stuck    func() bool   // asked at each PINGREQ; nil: never stuck
	answers  chan Answer   // to Ask

	mu    sync.Mutex // guards writing
	rearm time.Time  // when the write deadline must be set again

	once  sync.Once
	lost  chan struct{} // closed when the connection has ended
	cause error         // why; set before lost is closed
}

// newStream wraps an open connection.
func newStream(inner net.Conn, o Options) *stream {
	s := &stream{Conn: inner, stall: o.Times.Stall, stuck: o.Stuck, answers: make(chan Answer, MaxSubscriptions), lost: make(chan struct{})}
	s.incoming = incoming{first: true, reader: bufio.NewReaderSize(inner, readSize), arrived: o.Message, answer: s.answer, acked: o.Acked, suback: s.suback}
	if s.incoming.arrived == nil {
		s.incoming.arrived = func(device.Message) {}
	}
	if s.incoming.acked == nil {
		s.incoming.acked = func(uint16) {}
	}
	return s
}

func (s *stream) answer(kind byte, id uint16) {
	_, _ = s.send([]byte{kind << 4, 2, byte(id >> 8), byte(id)}) // an error ends the connection
}

// Write is called by paho with one packet.
func (s *stream) Write(packet []byte) (int, error) {
	request := s.incoming.pending.begin(packet)
	n, err := s.send(packet)
	request.end(err == nil)
	return n, err
}

// send sends whole packets.
func (s *stream) send(packets []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if packets[0]>>4 == pingreqType {
		s.incoming.pinged.Store(true)
		if s.stuck != nil && s.stuck() {
			return 0, s.fail(errUnacknowledged)
		}
	}
	s.arm(time.Now())
	n, err := s.Conn.Write(packets)
	if err != nil {
		return n, s.fail(err)
	}
	return n, nil
}

// arm sets the write deadline between one and two stalls ahead. Setting it for
// every write would cost more than the write.
func (s *stream) arm(now time.Time) {
	if now.Before(s.rearm) {
		return
	}
	_ = s.Conn.SetWriteDeadline(now.Add(2 * s.stall)) // fails on a closed connection, as the write will
	s.rearm = now.Add(s.stall)
}

// Read is called by one goroutine of paho.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.incoming.Read(p)
	s.connack.see(p[:n])
	if err != nil {
		return n, s.fail(err)
	}
	return n, nil
}

// fail ends the connection for the first cause given and returns that cause. It
// never waits for a stuck write: it frees it.
func (s *stream) fail(cause error) error {
	s.once.Do(func() {
		// paho ignores errors with this text, as if it had closed the connection.
		if strings.Contains(cause.Error(), net.ErrClosed.Error()) {
			cause = errClosed
		}
		s.cause = cause
		close(s.lost)
		_ = transport(s.Conn).Close() // TLS would first send an alert
	})
	<-s.lost
	return s.cause
}

// farewell sends DISCONNECT, if that is possible at once.
func (s *stream) farewell() {
	if !s.mu.TryLock() { // a write is stuck
		return
	}
	defer s.mu.Unlock()
	_ = s.Conn.SetWriteDeadline(time.Now().Add(farewellTime))
	_, _ = s.Conn.Write([]byte{disconnectType << 4, 0})
}

// provoke sends the end of a line, and waits for the answer until the connection is
// lost or patience is over. No broker gets one that is not already given up.
func (s *stream) provoke(patience time.Duration) {
	s.mu.Lock()
	_ = s.Conn.SetDeadline(time.Now().Add(2 * patience))
	_, err := s.Conn.Write([]byte("\r\n\r\n"))
	s.mu.Unlock()
	if err != nil {
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-s.lost:
	case <-timer.C:
	}
}

// Close is for paho, after DISCONNECT or a loss.
func (s *stream) Close() error {
	_ = s.fail(errClosed)
	return nil
}

// SetWriteDeadline does nothing: Write sets the deadline. paho would set and
// clear one for every packet.
func (s *stream) SetWriteDeadline(time.Time) error { return nil }

// SetDeadline bounds paho's handshake. It replaces what arm has set.
func (s *stream) SetDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rearm = time.Time{}
	return s.Conn.SetDeadline(t)
}

// transport returns the connection below TLS or a WebSocket.
func transport(c net.Conn) net.Conn {
	for {
		outer, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = outer.NetConn()
	}
}

// connack copies the first packet of a broker, the CONNACK: paho treats a return
// code that it does not know as an acceptance.
//
//	20 02 00 05   refused with code 5
//	20 02 01 00   accepted, and a session was kept
type connack struct {
	seen [4]byte
	n    int
}

func (a *connack) see(p []byte) {
	if a.n < len(a.seen) {
		a.n += copy(a.seen[a.n:], p)
	}
}

// code returns the return code, 0 before there is one.
func (a *connack) code() byte { return a.seen[3] }

// sessionPresent returns the first bit of the flags before the code.
func (a *connack) sessionPresent() bool { return a.seen[2]&1 != 0 }
