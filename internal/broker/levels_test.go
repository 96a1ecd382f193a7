package broker

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// body is a packet's topic or filter, with its length before it.
func body(text string) string { return string([]byte{byte(len(text) >> 8), byte(len(text))}) + text }

// packet returns the bytes of a packet.
func packet(kind byte, body string) []byte {
	out := []byte{kind}
	for n := len(body); ; {
		digit := byte(n & 0x7f)
		if n >>= 7; n > 0 {
			out = append(out, digit|0x80)
			continue
		}
		return append(append(out, digit), body...)
	}
}

// connectPacket is a CONNECT of MQTT 3.1.1, with a clean session.
func connectPacket(id, will string) []byte {
	flags, last := byte(2), ""
	if will != "" {
		flags, last = flags|4, body(will)+body("gone")
	}
	return packet(0x10, body("MQTT")+"\x04"+string(flags)+"\x00\x3c"+body(id)+last)
}

// A topic of 65,000 levels ends the connection, and nobody else waits for it.
func TestBroker_TooManyLevels(t *testing.T) {
	b := start(t, nil)
	deep := strings.Repeat("/", 65_000)
	for name, packets := range map[string][]byte{
		"subscribe":   append(connectPacket("a", ""), packet(0x82, "\x00\x01"+body(deep)+"\x00")...),
		"unsubscribe": append(connectPacket("a", ""), packet(0xa2, "\x00\x01"+body(deep))...),
		"publish":     append(connectPacket("a", ""), packet(0x31, body(deep)+"x")...),
		"will":        connectPacket("a", deep),
	} {
		t.Run(name, func(t *testing.T) {
			c, err := net.Dial("tcp", b.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_ = c.SetDeadline(time.Now().Add(patience))
			go func() { _, _ = c.Write(packets) }() // the broker may close it before the end
			if got, err := io.ReadAll(c); len(got) > 4 {
				t.Fatalf("got % x, %v: more than a CONNACK", got, err)
			}
			subscribe(t, connect(t, options(b, "other")), "t", 1, 1)
		})
	}
	if len(b.server.Topics.Messages("#")) > 0 {
		t.Fatal("a topic of too many levels is retained")
	}
}

func TestExcerpt_CutsBetweenCharacters(t *testing.T) {
	for in, want := range map[string]string{
		"phone":                        "phone",
		strings.Repeat("x", 64):        strings.Repeat("x", 64),
		strings.Repeat("x", 65):        strings.Repeat("x", 64) + "…",
		strings.Repeat("x", 63) + "éé": strings.Repeat("x", 63) + "…",
	} {
		if got := excerpt(in); got != want {
			t.Errorf("excerpt(%q) = %q", in, got)
		}
	}
}
