package mqtttest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Sink is a minimal broker over TCP on loopback: it accepts every client and
// sends the acknowledgements that MQTT requires. A test sets its fields before
// Start.
type Sink struct {
	Connack  []byte                            // the whole packet; nil accepts: 20 02 00 00
	Granted  byte                              // in SUBACK
	Suback   func(filter string, n int) Suback // answers the n-th SUBSCRIBE for a filter on a connection instead, if set
	Retained func(filters []string) []byte     // returns packets to send after a SUBACK, if set
	Publish  func(body []byte)                 // called with each PUBLISH, in order, if set
	Unacked  func(topic string) bool           // reports which PUBLISH packets get no PUBACK, if set
	Push     func(w io.Writer)                 // writes whole packets after the first SUBACK of a connection, if set, until w fails
	Mute     func(kind byte) bool              // reports which packets get no answer, if set
	CloseOn  func(kind byte, body []byte) bool // reports which packets end the connection, if set

	listener net.Listener
	wg       sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]bool
}

// Suback is how a broker answers a SUBSCRIBE.
type Suback struct {
	Code  byte
	After time.Duration // less than 0: never
}

// NewSink returns a sink that listens and does not serve yet.
func NewSink(tb testing.TB, connack ...byte) *Sink {
	tb.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return &Sink{Connack: connack, listener: l, conns: make(map[net.Conn]bool)}
}

// Start serves until the test ends.
func (s *Sink) Start(tb testing.TB) *Sink {
	s.wg.Go(func() {
		for {
			conn, err := s.listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[conn] = true
			s.mu.Unlock()
			s.wg.Go(func() { s.Serve(conn) })
		}
	})
	tb.Cleanup(func() {
		s.listener.Close()
		s.cut()
		s.wg.Wait()
	})
	return s
}

// URL is where to connect.
func (s *Sink) URL() *url.URL { return &url.URL{Scheme: "mqtt", Host: s.listener.Addr().String()} }

// cut ends all connections.
func (s *Sink) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
}

func (s *Sink) drop(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	conn.Close()
}

// Serve serves one connection until it ends.
func (s *Sink) Serve(inner net.Conn) {
	defer s.drop(inner)
	conn := &peer{Conn: inner, gone: make(chan struct{}), asked: map[string]int{}}
	defer func() { close(conn.gone); conn.later.Wait() }()
	r := bufio.NewReaderSize(conn, 64<<10)
	var out []byte
	for {
		kind, body, err := readPacket(r)
		if err != nil {
			return
		}
		if s.CloseOn != nil && s.CloseOn(kind>>4, body) {
			return
		}
		if s.Mute != nil && s.Mute(kind>>4) {
			continue
		}
		if kind>>4 == 3 && s.Publish != nil {
			s.Publish(body)
		}
		if kind>>4 == 8 && s.Suback != nil {
			conn.suback(body, s.Suback)
			continue
		}
		out = s.answer(out, kind, body)
		if r.Buffered() > 0 && len(out) < 4<<10 {
			continue
		}
		if _, err := conn.Write(out); err != nil {
			return
		}
		out = out[:0]
		if kind>>4 == 8 && s.Push != nil && !conn.pushed {
			conn.pushed = true
			conn.later.Go(func() { s.Push(conn) })
		}
	}
}

// peer is a connection that writes whole packets from several goroutines.
type peer struct {
	net.Conn
	mu    sync.Mutex
	gone  chan struct{}
	later sync.WaitGroup // answers on their way
	asked map[string]int // SUBSCRIBE packets, by filter

	pushed bool
}

func (p *peer) Write(packets []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Conn.Write(packets)
}

// suback answers a SUBSCRIBE with this body.
func (p *peer) suback(body []byte, answer func(filter string, n int) Suback) {
	filter := string(body[4 : 4+binary.BigEndian.Uint16(body[2:])])
	p.asked[filter]++
	a := answer(filter, p.asked[filter])
	if a.After < 0 {
		return
	}
	packet := []byte{0x90, 3, body[0], body[1], a.Code}
	p.later.Go(func() {
		select {
		case <-time.After(a.After):
			_, _ = p.Write(packet) // the connection may have ended
		case <-p.gone:
		}
	})
}

func (s *Sink) answer(out []byte, kind byte, body []byte) []byte {
	switch kind >> 4 {
	case 1: // CONNECT
		if s.Connack == nil {
			return append(out, 0x20, 2, 0, 0)
		}
		return append(out, s.Connack...)
	case 3: // PUBLISH
		topic := binary.BigEndian.Uint16(body)
		if kind&6 != 0 && (s.Unacked == nil || !s.Unacked(string(body[2:2+topic]))) {
			return append(out, 0x40, 2, body[2+topic], body[3+topic])
		}
	case 8: // SUBSCRIBE
		filters := filtersOf(body)
		out = append(out, 0x90, byte(2+len(filters)), body[0], body[1])
		out = append(out, bytes.Repeat([]byte{s.Granted}, len(filters))...)
		if s.Retained != nil {
			out = append(out, s.Retained(filters)...)
		}
		return out
	case 10: // UNSUBSCRIBE
		return append(out, 0xb0, 2, body[0], body[1])
	case 12: // PINGREQ
		return append(out, 0xd0, 0)
	}
	return out
}

// filtersOf returns the filters of a SUBSCRIBE.
func filtersOf(body []byte) (filters []string) {
	for rest := body[2:]; len(rest) > 2; {
		end := 2 + int(binary.BigEndian.Uint16(rest))
		filters = append(filters, string(rest[2:end]))
		rest = rest[end+1:]
	}
	return filters
}

// readPacket reads one packet.
func readPacket(r *bufio.Reader) (kind byte, body []byte, err error) {
	if kind, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	length, err := binary.ReadUvarint(r)
	if err != nil || length > 1<<20 {
		return 0, nil, errors.Join(err, io.ErrUnexpectedEOF)
	}
	body = make([]byte, length)
	_, err = io.ReadFull(r, body)
	return kind, body, err
}
