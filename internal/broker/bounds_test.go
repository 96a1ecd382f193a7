package broker

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/internal/mqtttest"
)

// A hostile guest fills what the broker keeps in memory; it stays within its limits,
// and others are served.
func TestBroker_BoundsBytes(t *testing.T) {
	b := start(t, nil)
	away := options(b, "away").SetCleanSession(false)
	c := connect(t, away)
	subscribe(t, c, "flood/#", 1, 1)
	c.Disconnect(100)

	writer := connect(t, options(b, "writer"))
	big := strings.Repeat("x", 200_000)
	for i := range 200 { // 40 MB
		wait(t, writer.Publish(fmt.Sprintf("flood/%d", i), 1, true, big))
	}
	settle(t, writer)
	b.hook.outboxes.mu.Lock()
	waiting := b.hook.outboxes.bytes
	b.hook.outboxes.mu.Unlock()
	if waiting > maxWaiting || waiting < maxWaiting-2*len(big) {
		t.Errorf("%d bytes wait for a client that is away, want %d at most", waiting, maxWaiting)
	}
	kept := 0
	for _, p := range b.server.Topics.Messages("#") {
		kept += len(p.Payload)
	}
	if kept > maxRetainedBytes || kept < maxRetainedBytes-2*len(big) {
		t.Errorf("%d bytes are retained, want %d at most", kept, maxRetainedBytes)
	}

	wait(t, writer.Publish("flood/0", 1, true, ""))
	wait(t, writer.Publish("small", 1, true, "x"))
	want(t, subscribe(t, connect(t, options(b, "other")), "small", 1, 1), "!small=x")
}

// A retained message that is too large leaves no older one in its place.
func TestBroker_RetainsNothingStale(t *testing.T) {
	b := start(t, nil)
	writer := connect(t, options(b, "writer"))
	wait(t, writer.Publish("door", 1, true, "closed"))
	b.hook.retained.bytes = maxRetainedBytes + 100
	wait(t, writer.Publish("door", 1, true, "open"))
	settle(t, writer)
	if all := b.server.Topics.Messages("door"); len(all) > 0 {
		t.Fatalf("%q is still retained", all[0].Payload)
	}
}

// Sessions that nobody comes back to make room for others, the oldest first.
func TestBroker_BoundsSessions(t *testing.T) {
	b := start(t, nil)
	b.Protect(map[string]string{"devices/x": "0"})
	for i := range maxSessions + 50 {
		c, err := net.Dial("tcp", b.Addr())
		if err != nil {
			t.Fatal(err)
		}
		connect := connectPacket(fmt.Sprint(i+1), "")
		connect[9] &^= 2 // keep the session
		_, _ = c.Write(append(connect, 0xe0, 0))
		_ = c.SetDeadline(time.Now().Add(patience))
		if got, err := io.ReadAll(c); len(got) != 4 {
			t.Fatalf("CONNACK % x, %v", got, err)
		}
		_ = c.Close()
	}
	mqtttest.Eventually(t, "few sessions", func() bool { return b.server.Clients.Len() <= maxSessions })
	connect(t, options(b, "other"))
}

// All subscriptions together have a limited number of levels. Those beyond are refused,
// and count no more when they are gone.
func TestBroker_BoundsSubscriptions(t *testing.T) {
	b := start(t, nil)
	c := connect(t, options(b, "greedy"))
	granted := 0
	for i := range 700 {
		filter := fmt.Sprintf("%d%s", i, strings.Repeat("/", maxLevels-1))
		token := c.Subscribe(filter, 1, nil)
		if token.WaitTimeout(patience) && token.(*paho.SubscribeToken).Result()[filter] < 0x80 {
			granted++
		}
	}
	if most := maxLevelsOfAll / maxLevels; granted > most || granted < most-50 {
		t.Fatalf("%d subscriptions of %d levels are granted, want some %d", granted, maxLevels, most)
	}
	connect(t, own(b, "gateway")) // has no limit
	c.Disconnect(100)
	mqtttest.Eventually(t, "room", func() bool {
		b.hook.subscribed.counted.Store(0)
		return b.hook.roomFor(maxLevels)
	})
}
