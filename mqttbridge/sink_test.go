package mqttbridge

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

// sink is the least of a broker, over TCP on loopback: it accepts everyone,
// acknowledges what has to be, and counts. A test gives it other manners.
type sink struct {
	listener net.Listener
	connack  []byte            // nil: 20 02 00 00
	granted  byte              // in SUBACK
	retained func() []byte     // packets behind a SUBACK, if set
	publish  func(body []byte) // called for each PUBLISH, in order, if set
	mute     func(kind byte) bool
	wg       sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
}

func newSink(t testing.TB, connack ...byte) *sink {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{listener: l, connack: connack, conns: make(map[net.Conn]bool), mute: func(byte) bool { return false }}
	return s
}

// start serves until the test ends.
func (s *sink) start(t testing.TB) *sink {
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
	t.Cleanup(func() {
		s.listener.Close()
		s.cut()
		s.wg.Wait()
	})
	return s
}

func (s *sink) url() *url.URL { return &url.URL{Scheme: "mqtt", Host: s.listener.Addr().String()} }

// cut ends all connections.
func (s *sink) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for conn := range s.conns {
		conn.Close()
	}
}

func (s *sink) drop(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	conn.Close()
}

func (s *sink) serve(conn net.Conn) {
	defer s.drop(conn)
	r := bufio.NewReaderSize(conn, 64<<10)
	var out []byte
	for {
		kind, body, err := readPacket(r)
		if err != nil {
			return
		}
		if s.mute(kind >> 4) {
			continue
		}
		if kind>>4 == publishType && s.publish != nil {
			s.publish(body)
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

func (s *sink) answer(out []byte, kind byte, body []byte) []byte {
	switch kind >> 4 {
	case 1: // CONNECT
		if s.connack == nil {
			return append(out, 0x20, 2, 0, 0)
		}
		return append(out, s.connack...)
	case 3: // PUBLISH
		if kind&6 != 0 {
			topic := binary.BigEndian.Uint16(body)
			return append(out, 0x40, 2, body[2+topic], body[3+topic])
		}
	case 8: // SUBSCRIBE
		out = append(out, 0x90, 3, body[0], body[1], s.granted)
		if s.retained != nil {
			out = append(out, s.retained()...)
		}
		return out
	case 10: // UNSUBSCRIBE
		return append(out, 0xb0, 2, body[0], body[1])
	case 12: // PINGREQ
		return append(out, 0xd0, 0)
	}
	return out
}

// readPacket reads one packet; body is valid until the next call.
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
