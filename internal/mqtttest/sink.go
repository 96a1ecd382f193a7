package mqtttest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Sink is a minimal broker over TCP on loopback: it accepts every client and
// sends the acknowledgements that MQTT requires. A test sets its fields before
// Start.
type Sink struct {
	Connack  []byte                            // the whole packet; nil accepts: 20 02 00 00
	Granted  byte                              // in SUBACK
	Retained func(filters []string) []byte     // returns packets to send after a SUBACK, if set
	Publish  func(body []byte)                 // called with each PUBLISH, in order, if set
	Mute     func(kind byte) bool              // reports which packets get no answer, if set
	CloseOn  func(kind byte, body []byte) bool // reports which packets end the connection, if set

	listener net.Listener
	wg       sync.WaitGroup
	mu       sync.Mutex
	conns    map[net.Conn]bool
}

// NewSink returns a sink that listens and does not serve yet.
func NewSink(tb testing.TB, connack ...byte) *Sink {
	tb.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
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
			s.wg.Go(func() { s.serve(conn) })
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

func (s *Sink) serve(conn net.Conn) {
	defer s.drop(conn)
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
		out = s.answer(out, kind, body)
		if r.Buffered() > 0 && len(out) < 4<<10 {
			continue
		}
		if _, err := conn.Write(out); err != nil {
			return
		}
		out = out[:0]
	}
}

func (s *Sink) answer(out []byte, kind byte, body []byte) []byte {
	switch kind >> 4 {
	case 1: // CONNECT
		if s.Connack == nil {
			return append(out, 0x20, 2, 0, 0)
		}
		return append(out, s.Connack...)
	case 3: // PUBLISH
		if kind&6 != 0 {
			topic := binary.BigEndian.Uint16(body)
			return append(out, 0x40, 2, body[2+topic], body[3+topic])
		}
	case 8: // SUBSCRIBE
		out = append(out, 0x90, 3, body[0], body[1], s.Granted)
		if s.Retained != nil {
			out = append(out, s.Retained(filtersOf(body))...)
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
