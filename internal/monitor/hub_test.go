package monitor

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A slow watcher loses the oldest events, and learns how many.
func TestSubscription_SlowWatcherLosesTheOldest(t *testing.T) {
	hub := NewHub()
	sub := hub.Subscribe("a")
	defer sub.Close()
	const sent = 3*queueLength + 17
	for i := range sent {
		hub.Publish(Event{Device: "a", Text: fmt.Sprint(i)})
	}
	<-sub.Ready()
	events := sub.Take()
	if len(events) > queueLength || events[0].Dropped+uint64(len(events)) != sent {
		t.Fatalf("%d events and %d dropped of %d", len(events), events[0].Dropped, sent)
	}
	for i, e := range events {
		if want := fmt.Sprint(sent - len(events) + i); e.Text != want {
			t.Fatalf("event %d is %s, want %s", i, e.Text, want)
		}
	}
	hub.Publish(Event{Device: "a"})
	if events := sub.Take(); len(events) != 1 || events[0].Dropped != 0 {
		t.Fatalf("afterwards: %+v", events)
	}
	if events := sub.Take(); len(events) != 0 {
		t.Fatalf("from an empty queue: %+v", events)
	}
}

// Only a device with a watcher is active.
func TestHub_ActiveIsPerDevice(t *testing.T) {
	hub := NewHub()
	if hub.Active("a") {
		t.Fatal("active without a watcher")
	}
	hub.Publish(Event{Device: "a"}) // without a watcher
	one, two, other := hub.Subscribe("a"), hub.Subscribe("a"), hub.Subscribe("b")
	one.Close()
	one.Close()
	hub.Publish(Event{Device: "a"})
	if !hub.Active("a") || len(one.Take()) != 0 || len(two.Take()) != 1 || len(other.Take()) != 0 {
		t.Fatal("the event should reach the second watcher alone")
	}
	two.Close()
	if hub.Active("a") || !hub.Active("b") {
		t.Fatal("closing a's last watcher should leave b's")
	}
	other.Close()
	if hub.watched.Load() != nil {
		t.Fatal("a hub without watchers should have no map")
	}
}

// A note reaches the watchers of its device alone.
func TestHub_Note(t *testing.T) {
	hub := NewHub()
	sub, other := hub.Subscribe("a"), hub.Subscribe("b")
	defer sub.Close()
	defer other.Close()
	at := time.Unix(1_700_000_000, 0)
	hub.Note("a", at, "backlog delivered")
	if got := sub.Take(); len(got) != 1 || got[0].Kind != Note || got[0].Text != "backlog delivered" || !got[0].Time.Equal(at) {
		t.Errorf("%+v", got)
	}
	if got := other.Take(); len(got) != 0 {
		t.Errorf("the other device got %+v", got)
	}
}

// A watcher of all devices also gets the events of new ones.
func TestSubscribe_AllIncludesNewDevices(t *testing.T) {
	hub := NewHub()
	all, one := hub.Subscribe(""), hub.Subscribe("a")
	for _, device := range []string{"a", "new"} {
		if !hub.Active(device) {
			t.Errorf("%s is not watched", device)
		}
		hub.Publish(Event{Device: device, Text: device})
	}
	if got := all.Take(); len(got) != 2 || got[0].Text != "a" || got[1].Text != "new" || len(one.Take()) != 1 {
		t.Errorf("%+v", got)
	}
	one.Close()
	if !hub.Active("a") {
		t.Error("the device has no watcher any more")
	}
	all.Close()
	if hub.Active("a") {
		t.Error("the device still has a watcher")
	}
}

func BenchmarkActive_NotWatched(b *testing.B) {
	hub := NewHub()
	for b.Loop() {
		hub.Active("greenhouse")
	}
}

func BenchmarkActive_Watched(b *testing.B) {
	hub := NewHub()
	defer hub.Subscribe("greenhouse").Close()
	for b.Loop() {
		hub.Active("greenhouse")
	}
}
