package broker

import (
	"fmt"
	"sync"
	"testing"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// A retained message reaches later subscribers until it is cleared.
func TestBroker_Retains(t *testing.T) {
	b := start(t, nil)
	writer := connect(t, options(b, "writer"))
	wait(t, writer.Publish("devices/a/status", 1, true, "online"))
	settle(t, writer)
	want(t, subscribe(t, connect(t, options(b, "late")), "devices/+/status", 1, 1), "!devices/a/status=online")
	wait(t, writer.Publish("devices/a/status", 1, true, ""))
	if n := b.server.Topics.Retained.Len(); n != 0 {
		t.Fatalf("%d topics are retained after the empty message, want none", n)
	}
}

// A message is retained when its PUBACK comes, and goes to subscribers a moment later.
// A client that subscribes in between gets it twice.
func TestBroker_SubscribeAfterPuback(t *testing.T) {
	b := start(t, nil)
	held := &holdBack{client: "writer", release: make(chan struct{})}
	if err := b.server.AddHook(held, nil); err != nil {
		t.Fatal(err)
	}
	release := sync.OnceFunc(func() { close(held.release) })
	t.Cleanup(release)
	wait(t, connect(t, options(b, "writer")).Publish("devices/a/status", 1, true, "online"))
	late := subscribe(t, connect(t, options(b, "late")), "devices/+/status", 1, 2)
	want(t, late, "!devices/a/status=online")
	release()
	want(t, late, "devices/a/status=online")
}

// holdBack stops the library between a client's PUBACK and the delivery.
type holdBack struct {
	mqtt.HookBase
	client  string
	release chan struct{}
}

func (*holdBack) ID() string           { return "hold back" }
func (*holdBack) Provides(b byte) bool { return b == mqtt.OnQosComplete }
func (h *holdBack) OnQosComplete(c *mqtt.Client, _ packets.Packet) {
	if c.ID == h.client {
		<-h.release
	}
}

// A fresh broker retains nothing, no $SYS topics either.
func TestBroker_NoSysTopics(t *testing.T) {
	b := start(t, nil)
	if n := b.server.Topics.Retained.Len(); n != 0 {
		t.Fatalf("%d topics are retained in a fresh broker", n)
	}
}

// Ten times more retained messages than pending writes all arrive; the library alone
// drops most of them.
func TestBroker_ManyRetained(t *testing.T) {
	const topics = 10 * maxWritesPending
	b := start(t, nil)
	writer := connect(t, options(b, "writer"))
	for i := range topics {
		wait(t, writer.Publish(fmt.Sprintf("devices/d%d/status", i), 1, true, "online"))
	}
	settle(t, writer)
	got := subscribe(t, connect(t, options(b, "dashboard")), "devices/#", 1, topics)
	seen := map[string]bool{}
	for range topics {
		select {
		case text := <-got:
			seen[text] = true
		case <-time.After(patience):
			t.Fatalf("only %d of %d retained messages came", len(seen), topics)
		}
	}
	if len(seen) != topics {
		t.Fatalf("%d different topics came, want %d", len(seen), topics)
	}
}

// Beyond the limit only known topics are retained.
func TestBroker_BoundsRetained(t *testing.T) {
	b := start(t, nil)
	h := b.hook
	if !h.mayRetain(true, "t", []byte("x")) || h.mayRetain(false, "t", []byte("x")) {
		t.Fatal("below the bound a message is retained as its sender wants")
	}
	h.mayRetain(true, "t", nil)
	fillRetained(b)
	for _, c := range []struct {
		topic, payload string
		want           bool
	}{{"new", "x", false}, {"full/0", "x", true}, {"new", "", true}} {
		if got := h.mayRetain(true, c.topic, []byte(c.payload)); got != c.want {
			t.Errorf("retaining %q on %q is %v, want %v", c.payload, c.topic, got, c.want)
		}
	}
	writer := connect(t, options(b, "writer"))
	wait(t, writer.Publish("new", 1, true, "x"))
	if got := b.server.Topics.Retained.Len(); got != maxRetained {
		t.Fatalf("%d topics are retained, want %d", got, maxRetained)
	}
}

func fillRetained(b *Broker) {
	for i := range maxRetained {
		topic, payload := fmt.Sprintf("full/%d", i), []byte("x")
		b.hook.mayRetain(true, topic, payload)
		b.server.Topics.RetainMessage(packets.Packet{FixedHeader: packets.FixedHeader{Retain: true}, TopicName: topic, Payload: payload})
	}
}
