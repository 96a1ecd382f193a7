package broker

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"
)

// rawPersistent connects with MQTT 3.1.1 and a kept session.
func rawPersistent(t *testing.T, b *Broker) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(patience))
	// flags 00: not clean; keep-alive 60
	exchange(t, c, []byte("\x10\x0d\x00\x04MQTT\x04\x00\x00\x3c\x00\x01p"), nil)
	head := make([]byte, 4)
	if _, err := io.ReadFull(c, head); err != nil || head[0] != 0x20 || head[3] != 0 {
		t.Fatalf("CONNACK: % x, %v", head, err)
	}
	return c
}

// exchange writes a packet, if any, and reads the expected answer.
func exchange(t *testing.T, c net.Conn, send, want []byte) {
	t.Helper()
	if _, err := c.Write(send); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, want) {
		t.Fatalf("after % x came % x (%v), want % x", send, got, err, want)
	}
}

// A command is in flight to the client as packet 1, while the client subscribes,
// unsubscribes and publishes as packet 1.
func TestBroker_PacketIDsOfBothSides(t *testing.T) {
	b := start(t, nil)
	c := rawPersistent(t, b)
	exchange(t, c, []byte("\x82\x06\x00\x09\x00\x01c\x01"), []byte("\x90\x03\x00\x09\x01")) // SUBSCRIBE c, QoS 1
	wait(t, connect(t, options(b, "writer")).Publish("c", 1, false, "on"))
	command := []byte("\x32\x07\x00\x01c\x00\x01on")
	exchange(t, c, nil, command)

	exchange(t, c, []byte("\x82\x06\x00\x01\x00\x01d\x01"), []byte("\x90\x03\x00\x01\x01")) // SUBSCRIBE d
	exchange(t, c, []byte("\xa2\x05\x00\x01\x00\x01d"), []byte("\xb0\x02\x00\x01"))         // UNSUBSCRIBE d
	exchange(t, c, []byte("\x32\x06\x00\x01r\x00\x01x"), []byte("\x40\x02\x00\x01"))        // PUBLISH r, PUBACK
	exchange(t, c, []byte("\xc0\x00"), []byte("\xd0\x00"))                                  // everything before is handled
	_ = c.Close()

	c = rawPersistent(t, b)
	command[0] |= 8 // DUP: it was not acknowledged, so it comes again
	exchange(t, c, nil, command)
	exchange(t, c, []byte("\x40\x02\x00\x01"), nil)
	exchange(t, c, []byte("\xc0\x00"), []byte("\xd0\x00"))
	if kept, _ := b.server.Clients.Get("p"); kept.State.Inflight.Len() != 0 {
		t.Fatal("the acknowledged command is still kept")
	}
}
