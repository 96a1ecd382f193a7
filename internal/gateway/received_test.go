package gateway

import (
	"strings"
	"testing"

	"arduino-gateway/device"
)

// A message is shown with its flags, and in a form that is safe for a terminal and short.
func TestReporter_Received(t *testing.T) {
	o := &observer{}
	r := &reporter{observer: o}
	r.received(device.Message{Command: "led", Payload: []byte("on"), QoS: 2, Retained: true, Duplicate: true})
	r.received(device.Message{Command: "a\x1b[2J" + strings.Repeat("n", 100), Payload: []byte("\x1b" + strings.Repeat("x", 1000))})
	got := o.seen
	if len(got) != 2 || got[0] != `received led "on" qos=2 retain=true dup=true` {
		t.Fatalf("%q", got)
	}
	if text := got[1]; len(text) > 250 || strings.Contains(text, "\x1b") || !strings.HasPrefix(text, `received a\x1b[2Jnnn`) {
		t.Errorf("%q", text)
	}
}
