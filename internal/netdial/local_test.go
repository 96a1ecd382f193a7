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

// neighbour answers for a name as avahi does, over UDP on this machine alone:
// avahi itself needs multicast. It ignores the first queries, as over bad Wi-Fi,
// and returns what it is asked for.
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

// aQuestion is a query for an IPv4 address.
const aQuestion = "\x06testpi\x05local\x00\x00\x01\x00\x01"

// nameless dials from a machine without a DNS server.
func nameless() *net.Dialer {
	return &net.Dialer{Resolver: &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no DNS here")
	}}}
}

// Dial asks by mDNS, and again if the first query is lost.
func TestDial_FindsAHostInLocal(t *testing.T) {
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

// The error of the system stays, for a name that no host has and for one that
// is not in .local.
func TestDial_KeepsTheErrorOfTheSystem(t *testing.T) {
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

// A host that refuses was found: no query is sent again.
func TestDial_ReportsARefusedConnection(t *testing.T) {
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
