package broker

import (
	"fmt"
	"net"
	"testing"
)

// from is a connection that comes from an address.
type from struct {
	net.Conn
	addr net.Addr
}

func (f from) RemoteAddr() net.Addr { return f.addr }

func stranger(ip string, port int) *conn {
	return &conn{Conn: from{addr: &net.TCPAddr{IP: net.ParseIP(ip), Port: port}}}
}

// A host with too many gives up its oldest; else the host with the most does.
func TestStrangers_EvictTheOldestOfTheCrowd(t *testing.T) {
	s := newStrangers()
	var crowd []*conn
	for i := range maxStrangersOfHost {
		crowd = append(crowd, stranger("192.0.2.1", i))
		if s.add(crowd[i]) != nil {
			t.Fatalf("evicted one of %d", i)
		}
	}
	if got := s.add(stranger("192.0.2.1", 9999)); got != crowd[0] {
		t.Fatalf("evicted %v", got)
	}
	for i := s.count; i < maxStrangers; i++ {
		if s.add(stranger(fmt.Sprintf("198.51.100.%d", i%250), i)) != nil {
			t.Fatalf("evicted one of %d", i)
		}
	}
	late := stranger("203.0.113.1", 1)
	if got := s.add(late); got != crowd[1] {
		t.Fatalf("evicted %v", got)
	}
	s.remove(late)
	s.remove(late) // logged in, then ended
	if s.count != maxStrangers-1 || s.byHost["203.0.113.1"] != nil {
		t.Fatalf("%d strangers, %d hosts", s.count, len(s.byHost))
	}
}

// All boards of a machine may connect to its own broker at once.
func TestStrangers_LoopbackIsNoCrowd(t *testing.T) {
	s := newStrangers()
	for i := range maxStrangers {
		if s.add(stranger("127.0.0.1", i)) != nil {
			t.Fatalf("evicted one of %d", i)
		}
	}
	if s.add(stranger("127.0.0.1", 9999)) == nil {
		t.Fatal("no bound")
	}
}

// The header of the first packet decides, in pieces too.
func TestOpening_TakesAConnectOnly(t *testing.T) {
	for header, want := range map[string]string{
		"\x10\x0d\x00\x04MQTT":     "<nil>",
		"\x10\x80\x20":             "<nil>",
		"\x10\x81\x20":             "CONNECT of 4097 bytes (at most 4096)",
		"\x10\xff\xff\xff\xff\x7f": "CONNECT of 268435455 bytes (at most 4096)",
		"\x30\x02\x00\x00":         "first packet is not a CONNECT",
		"GET / HTTP/1.1":           "first packet is not a CONNECT",
	} {
		whole, pieces := new(opening), new(opening)
		err := whole.take([]byte(header))
		if fmt.Sprint(err) != want {
			t.Errorf("%q: %v, want %q", header, err, want)
		}
		var inPieces error
		for _, b := range []byte(header) {
			if inPieces = pieces.take([]byte{b}); inPieces != nil {
				break
			}
		}
		if (inPieces == nil) != (err == nil) {
			t.Errorf("%q in pieces: %v, want %q", header, inPieces, want)
		}
	}
}
