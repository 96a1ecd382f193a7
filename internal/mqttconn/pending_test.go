package mqttconn

import (
	"strings"
	"sync"
	"testing"
)

// An acknowledgement belongs to one packet of paho, of its type, that went out.
func TestPending(t *testing.T) {
	const subscribe, unsubscribe, publish = "\x82\x0a\x00\x01\x00\x01a\x00\x00\x01b\x00", "\xa2\x05\x00\x02\x00\x01a", "\x33\x07\x00\x01a\x00\x03on"
	var p pending
	for _, packet := range []string{subscribe, unsubscribe, publish} {
		p.begin([]byte(packet)).end(true)
	}
	p.begin([]byte("\x82\x06\x00\x04\x00\x01a\x00")).end(false)
	for _, packet := range []string{"\x30\x03\x00\x01a", "\xc0\x00", "\xe0\x00", "\x10\x0d\x00\x04MQTT\x04\x02\x00\x1e\x00\x01a"} {
		if r := p.begin([]byte(packet)); r != nil {
			t.Errorf("%x waits for an acknowledgement", packet)
		} else {
			r.end(true)
		}
	}
	for _, c := range []struct {
		kind    byte
		id      uint16
		filters int // -1: no packet
	}{
		{pubackType, 1, -1},
		{subackType, 1, 2},
		{subackType, 1, -1},
		{unsubackType, 2, 0},
		{unsubackType, 3, -1},
		{pubackType, 3, 0},
		{subackType, 4, -1},
		{pubackType, 9, -1},
	} {
		r := p.answered(c.kind, c.id)
		if (r == nil) != (c.filters < 0) || r != nil && r.filters != c.filters {
			t.Errorf("type %d, ID %d: %+v", c.kind, c.id, r)
		}
	}
	if len(p.packets) > 0 {
		t.Errorf("%d are left", len(p.packets))
	}
}

// A SUBACK with too many return codes ends the connection; paho would end the process.
// Another acknowledgement grants nothing.
func TestConn_WrongAnswerToSubscribe(t *testing.T) {
	for answer, want := range map[string]string{
		"\x90\x05\x00\x01\x01\x01\x01": "a SUBACK with 3 return codes for 1 topics",
		"\x90\x02\x00\x01":             "malformed packet",
		"\x40\x02\x00\x01":             "EOF",
		"\x90\x03\x00\x01\x80":         "",
		"\x50\x02\x00\x01":             "malformed packet",
	} {
		s := script{accepts: true, waits: true, chunk: 255, bytes: []byte(answer)}
		var serving sync.WaitGroup
		c := dial(t, hostile, s.options(&serving))
		granted, err := c.Subscribe(t.Context(), "a")
		<-c.Lost()
		c.Close()
		serving.Wait()
		if granted || want != "" && (c.Cause() == nil || !strings.Contains(c.Cause().Error(), want)) {
			t.Errorf("%x: granted %t, %v, lost for %v", answer, granted, err, c.Cause())
		}
	}
}
