package mqttbridge

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"
	"pgregory.net/rapid"
)

func TestBackoffGrowsAndIsForgiven(t *testing.T) {
	b := backoff{min: 250 * time.Millisecond, max: 30 * time.Second}
	var bounds []time.Duration
	for range 10 {
		b.failed()
		bounds = append(bounds, b.wait(1))
	}
	s := time.Second
	want := []time.Duration{s / 4, s / 2, s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s, 30 * s}
	if !slices.Equal(bounds, want) {
		t.Errorf("%v, want %v", bounds, want)
	}
	if got := b.wait(0); got != 0 {
		t.Errorf("full jitter begins at %v", got)
	}
	b.lost(settledAfter - 1) // died young: no reason to be quick
	if got := b.wait(1); got != 30*s {
		t.Error(got)
	}
	b.lost(settledAfter)
	if got := b.wait(1); got != s/4 {
		t.Error(got)
	}
}

func TestTakeoversAreSuspected(t *testing.T) {
	var w takeovers
	for i, c := range []struct {
		lived    time.Duration
		byBroker bool
		want     bool
	}{
		{time.Second, true, false},
		{time.Second, true, false},
		{time.Second, false, false}, // a timeout says nothing
		{20 * time.Second, true, false},
		{time.Second, true, true}, // the third
		{takeoverWithin, true, true},
		{settledAfter, true, false},
		{time.Second, true, false},
	} {
		if got := w.lost(c.lived, c.byBroker); got != c.want {
			t.Errorf("%d: %t", i, got)
		}
	}
}

// A broker that is restarted three times closes young connections too, but is
// away in between.
func TestABrokerThatComesAndGoesIsNoTakeover(t *testing.T) {
	var w takeovers
	for range 2 * takeoverCount {
		if w.lost(time.Second, true) {
			t.Fatal("suspected")
		}
		w.failed()
	}
}

// The window against a model: a line is reported when it and all before it
// are acknowledged, each once, in order.
func TestWindowAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWindow(rapid.IntRange(1, 100).Draw(t, "size"))
		var out []uint64 // positions with a PUBACK to come
		left := map[uint64]int{}
		var seq, reported uint64
		report := func() {
			got, ok := w.advance()
			want := reported
			for want < seq && left[want+1] == 0 {
				want++
			}
			if ok != (want > reported) || ok && got != want {
				t.Fatalf("advance gives %d %t, want %d after %d", got, ok, want, reported)
			}
			reported = want
		}
		for range 300 {
			if w.room() && (len(out) == 0 || rapid.Bool().Draw(t, "open")) {
				seq++
				n := rapid.IntRange(0, 5).Draw(t, "publishes")
				left[seq] = n
				position := w.open(seq, n)
				for range n {
					out = append(out, position)
				}
			} else if len(out) > 0 {
				i := rapid.IntRange(0, len(out)-1).Draw(t, "puback")
				w.done(out[i])
				left[out[i]+1]-- // position 0 is the line of seq 1
				out = slices.Delete(out, i, i+1)
			}
			report()
			if w.flying != len(out) || w.empty() != (reported == seq) {
				t.Fatalf("%d flying, want %d; empty %t", w.flying, len(out), w.empty())
			}
		}
	})
}

func TestPubacksOutOfPlaceAreHarmless(t *testing.T) {
	source := newLines(t)
	source.add(numbered(1))
	source.Next()
	l := newLedger(source, new(outbox), make(chan struct{}, 1), new(counters), DefaultMaxInflight)
	status, line := l.enter(owner{kind: ofStatus}), l.enter(l.open(1, 1))
	if status != firstID || line != firstID+1 {
		t.Errorf("identifiers %d, %d", status, line)
	}
	for _, id := range []uint16{0, 1, line + 1, status, status, 65535} {
		l.acked(id) // a broker may acknowledge twice, or what was never sent
	}
	if len(l.owners) != 1 || source.ackedLines() != 0 {
		t.Errorf("%v, %d lines acknowledged", l.owners, source.ackedLines())
	}
	l.acked(line)
	l.acked(line)
	if len(l.owners) != 0 || source.ackedLines() != 1 || !l.drained() {
		t.Errorf("%v, %d lines acknowledged", l.owners, source.ackedLines())
	}
}

// The identifiers go round above paho's, past those that are still in use.
func TestIdentifiersGoRound(t *testing.T) {
	l := newLedger(newLines(t), new(outbox), make(chan struct{}, 1), new(counters), DefaultMaxInflight)
	slow := l.enter(owner{})
	want := slow
	for range 100_000 {
		if want = max(want+1, firstID); want == slow {
			want++
		}
		id := l.enter(owner{})
		if id != want {
			t.Fatalf("identifier %d, want %d", id, want)
		}
		l.acked(id)
	}
}

// What is appended for the wire is what paho reads.
func TestPublishPackets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := publish{
			topic:  rapid.StringN(0, 300, -1).Draw(t, "topic"),
			qos:    rapid.ByteMax(1).Draw(t, "qos"),
			retain: rapid.Bool().Draw(t, "retain"),
		}
		if want.qos > 0 {
			want.id = rapid.Uint16Min(firstID).Draw(t, "id")
		}
		body := strings.Repeat("x", rapid.SampledFrom([]int{0, 1, 100, 20000, 3 << 20}).Draw(t, "payload"))
		wire := appendPublish([]byte("before"), want, body)
		read := bytes.NewReader(wire[len("before"):])
		packet, err := packets.ReadPacket(read)
		if err != nil || read.Len() > 0 {
			t.Fatalf("%v, %d bytes left", err, read.Len())
		}
		got := packet.(*packets.PublishPacket)
		if (publish{got.TopicName, got.Qos, got.Retain, got.MessageID}) != want || got.Dup || string(got.Payload) != body {
			t.Fatalf("%v, want %+v with %d bytes", got.FixedHeader, want, len(body))
		}
	})
}

func TestKeepAliveInWholeSeconds(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		time.Millisecond: time.Second, 1600 * time.Millisecond: 2 * time.Second, 100 * time.Hour: 65535 * time.Second,
	} {
		if got := seconds(d); got != want {
			t.Errorf("%v: %v, want %v", d, got, want)
		}
	}
}
