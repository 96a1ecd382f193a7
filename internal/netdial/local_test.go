package netdial

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// neighbour answers as who has the name does, such as avahi, which cannot be had
// where there is no multicast: over UDP, at this machine alone. It does not hear the
// first queries, as over a bad Wi-Fi. What it is asked for it tells.
func neighbour(t *testing.T, name string, deaf int) (asked <-chan string) {
	t.Helper()
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	before, questions, over := mdns, make(chan string, 100), make(chan struct{})
	mdns = socket.LocalAddr().(*net.UDPAddr)
	t.Cleanup(func() { mdns = before; socket.Close(); <-over })
	go func() {
		defer close(over)
		for query := make([]byte, 1500); ; {
			n, from, err := socket.ReadFromUDP(query)
			if err != nil {
				return
			}
			question := query[12 : 12+bytes.IndexByte(query[12:n], 0)+5] // with type and class
			questions <- string(question)
			if deaf--; deaf >= 0 || !bytes.EqualFold(question, []byte(name)) {
				continue
			}
			// an authoritative answer to the one question: 127.0.0.1, for 10 s
			answer := append([]byte{query[0], query[1], 0x84, 0, 0, 1, 0, 1, 0, 0, 0, 0}, question...)
			answer = append(answer, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 10, 0, 4, 127, 0, 0, 1)
			_, _ = socket.WriteToUDP(answer, from)
		}
	}()
	return questions
}

// aQuestion for an IPv4 address.
const aQuestion = "\x06testpi\x05local\x00\x00\x01\x00\x01"

// nameless is a machine whose DNS server is away.
func nameless() *net.Dialer {
	return &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no DNS here")
	}}}
}

func TestAHostInLocalIsFound(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for host, deaf := range map[string]int{"testpi.local": 0, "TestPi.Local.": 1} {
		asked := neighbour(t, aQuestion, deaf)
		c, err := Dial(t.Context(), nameless(), net.JoinHostPort(host, port))
		if err != nil {
			t.Fatalf("%s: %v", host, err)
		}
		if c.RemoteAddr().String() != l.Addr().String() {
			t.Errorf("connected to %v", c.RemoteAddr())
		}
		c.Close()
		if n := len(asked); n != deaf+1 {
			t.Errorf("%s: asked %d times", host, n)
		}
	}
}

// What the system said stays the error, of a name that nobody has and of one that
// mDNS is not asked for.
func TestAHostThatNobodyHas(t *testing.T) {
	asked := neighbour(t, aQuestion, 0)
	for host, questions := range map[string]bool{"nobody.local": true, "testpi": false, "testpi.localdomain": false} {
		_, err := Dial(t.Context(), nameless(), net.JoinHostPort(host, "1883"))
		var dns *net.DNSError
		if !errors.As(err, &dns) || dns.Err != "no DNS here" || dns.Name != host {
			t.Errorf("%s: %v", host, err)
		}
		if got := len(asked) > 0; got != questions {
			t.Errorf("%s: asked %t", host, got)
		}
		for len(asked) > 0 {
			<-asked
		}
	}
}

// A host that is there and refuses was found: no more is asked.
func TestAHostThatRefuses(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	neighbour(t, aQuestion, 0)
	if _, err := Dial(t.Context(), nameless(), net.JoinHostPort("testpi.local", port)); CauseOf(err) != Refused {
		t.Error(err)
	}
}
