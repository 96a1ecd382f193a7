package broker

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/internal/mqtttest"
)

// The will follows a lost connection, and no DISCONNECT.
func TestBroker_Will(t *testing.T) {
	b := start(t, nil)
	got := subscribe(t, connect(t, options(b, "reader")), "#", 1, 10)
	var k killer
	connect(t, k.into(options(b, "board").SetWill("devices/a/status", "offline", 1, true)))
	k.kill()
	want(t, got, "devices/a/status=offline")
	want(t, subscribe(t, connect(t, options(b, "late")), "#", 1, 10), "!devices/a/status=offline")

	polite := connect(t, options(b, "polite").SetWill("devices/b/status", "offline", 1, true))
	polite.Disconnect(100)
	wait(t, connect(t, options(b, "writer")).Publish("after", 1, false, "x"))
	want(t, got, "after=x")
}

// A client connects again and again with one ID: after each connect "online" is the
// last status.
func TestBroker_TakeoverPublishesWillFirst(t *testing.T) {
	const status = "devices/a/status"
	for _, clean := range []bool{true, false} {
		t.Run(fmt.Sprintf("clean %v", clean), func(t *testing.T) {
			b := start(t, nil)
			got := subscribe(t, connect(t, options(b, "reader")), status, 1, 100)
			for i := range 30 {
				c := connect(t, options(b, "board").SetCleanSession(clean).SetWill(status, "offline", 1, true))
				wait(t, c.Publish(status, 1, true, "online"))
				if i > 0 {
					want(t, got, status+"=offline")
				}
				want(t, got, status+"=online")
			}
			if n := b.server.Clients.Len(); n != 2 {
				t.Fatalf("the broker knows %d clients, want 2", n)
			}
		})
	}
}

// Of many clients with one ID one stays connected, and known.
func TestBroker_ManyWithOneID(t *testing.T) {
	b := start(t, nil)
	var wg sync.WaitGroup
	clients := make([]paho.Client, 20)
	for i := range clients {
		clients[i] = paho.NewClient(options(b, "twin"))
		wg.Go(func() { clients[i].Connect().WaitTimeout(patience) })
	}
	wg.Wait()
	mqtttest.Eventually(t, "one open connection", func() bool {
		open := 0
		for _, c := range clients {
			if c.IsConnectionOpen() {
				open++
			}
		}
		return open == 1
	})
	for _, c := range clients {
		if c.IsConnectionOpen() {
			got := subscribe(t, c, "t", 1, 1)
			wait(t, c.Publish("t", 1, false, "x"))
			want(t, got, "t=x")
		}
		c.Disconnect(0)
	}
	mqtttest.Eventually(t, "no client", func() bool { return b.server.Clients.Len() == 0 })
}

// The subscriptions of an expired session are removed. An MQTT 5 client sets the time.
func TestBroker_ExpiredSession(t *testing.T) {
	b := start(t, nil)
	c := rawV5(t, b, "brief", 0x11, 0, 0, 0, 1) // session expiry: a second
	// SUBSCRIBE, packet 1, no properties, filter "a", QoS 0
	if _, err := c.Write([]byte{0x82, 7, 0, 1, 0, 0, 1, 'a', 0}); err != nil {
		t.Fatal(err)
	}
	subscriptions := func() int64 { return atomic.LoadInt64(&b.server.Info.Subscriptions) }
	mqtttest.Eventually(t, "a subscription", func() bool { return subscriptions() == 1 })
	_ = c.Close()
	mqtttest.Eventually(t, "no client and no subscription", func() bool { return b.server.Clients.Len() == 0 && subscriptions() == 0 })
}

// An owner that does not end is replaced after a while.
func TestOwners_ReplaceStuckOwner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := owners{by: map[string]*conn{}}
		old, c := &conn{ended: make(chan struct{})}, &conn{ended: make(chan struct{})}
		if !o.claim("id", old, nil) {
			t.Fatal("a free ID could not be claimed")
		}
		began := time.Now()
		if o.claim("id", c, func(*conn) {}) || time.Since(began) != takeoverTime {
			t.Fatalf("claimed from an owner that stays, after %v", time.Since(began))
		}
		o.release("id", old)
		if o.by["id"] != c {
			t.Fatal("the old owner released what was no longer its own")
		}
		o.release("id", c)
		if len(o.by) != 0 {
			t.Fatal("the ID was not released")
		}
	})
}
