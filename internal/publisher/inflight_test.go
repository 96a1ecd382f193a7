package publisher

import (
	"testing"

	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/mqtttest"
)

// A broker may acknowledge twice, or what was never sent.
func TestInflight_UnexpectedPubacks(t *testing.T) {
	source := mqtttest.NewSource(t)
	source.Add(mqtttest.Numbered(1))
	source.Next()
	l := newInflight(source, new(queue), make(chan struct{}, 1), new(counters), 100)
	status, line := l.enter(item{kind: ofStatus}), l.enter(l.open(1, 1))
	if status != mqttconn.FirstID || line != mqttconn.FirstID+1 {
		t.Errorf("identifiers %d, %d", status, line)
	}
	for _, id := range []uint16{0, 1, line + 1, status, status, 65535} {
		l.acked(id)
	}
	if len(l.items) != 1 || source.Acked() != 0 {
		t.Errorf("%v, %d lines acknowledged", l.items, source.Acked())
	}
	l.acked(line)
	l.acked(line)
	if len(l.items) != 0 || source.Acked() != 1 || !l.drained() {
		t.Errorf("%v, %d lines acknowledged", l.items, source.Acked())
	}
}

// Identifiers wrap around above paho's, and skip those in use.
func TestInflight_IdentifiersWrap(t *testing.T) {
	l := newInflight(mqtttest.NewSource(t), new(queue), make(chan struct{}, 1), new(counters), 100)
	slow := l.enter(item{})
	want := slow
	for range 100_000 {
		if want = max(want+1, mqttconn.FirstID); want == slow {
			want++
		}
		id := l.enter(item{})
		if id != want {
			t.Fatalf("identifier %d, want %d", id, want)
		}
		l.acked(id)
	}
}
