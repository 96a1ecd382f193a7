package mosquittotest

import (
	"io"
	"net"
	"testing"
)

// exchange sends a CONNECT through the network. It returns what arrives of the
// CONNACK, and how the connection ends.
func exchange(t *testing.T, n *Network) (got []byte, err error) {
	t.Helper()
	conn, err := net.Dial("tcp", n.URL().Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// CONNECT of MQTT 3.1.1, clean session, client "x".
	if _, err := conn.Write([]byte("\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01x")); err != nil {
		t.Fatal(err)
	}
	got = make([]byte, 4)
	size, err := io.ReadFull(conn, got)
	return got[:size], err
}

// A network passes bytes, cuts at its limit, and refuses connections while down.
func TestNetwork(t *testing.T) {
	n := NewNetwork(t, Start(t).URL())
	if got, err := exchange(t, n); err != nil || string(got) != "\x20\x02\x00\x00" {
		t.Fatalf("%x, %v", got, err)
	}
	n.SetLimit(func() int64 { return 17 }) // two bytes of the CONNACK
	if got, err := exchange(t, n); err == nil || len(got) > 2 || n.Cuts() != 1 {
		t.Errorf("%x, %v, %d cuts", got, err, n.Cuts())
	}
	n.SetLimit(nil)
	n.SetDown(true)
	if got, err := exchange(t, n); err == nil {
		t.Errorf("a network that is down passes %x", got)
	}
	n.SetDown(false)
	if _, err := exchange(t, n); err != nil {
		t.Error(err)
	}
}
