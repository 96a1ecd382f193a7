package twins

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// gateway returns an identity; its connection begins later than its start.
func gateway(id, instance string, started time.Duration, devices ...string) Identity {
	return Identity{ID: id, Host: "host-" + instance, Instance: instance, Started: start.Add(started), Connected: start.Add(started + time.Second), Devices: devices}
}

// again is the identity after another connection.
func again(i Identity) Identity {
	i.Connected = i.Connected.Add(time.Minute)
	return i
}

// watcher returns a watcher whose identity has come back.
func watcher(self Identity) *Watcher {
	w := NewWatcher(self, "devices")
	w.SetDevices(self.Devices)
	w.Info(start, self.ID, self.Payload(), false)
	return w
}

// What the last run of this gateway left is not another gateway, before or after this
// one's own identity has come back.
func TestWatcher_OwnLastRun(t *testing.T) {
	self, last := gateway("pi", "b", time.Hour), gateway("pi", "a", 0)
	w := NewWatcher(self, "devices")
	w.Info(start, "pi", last.Payload(), true)
	w.Info(start, "pi", self.Payload(), false)
	w.Info(start, "pi", last.Payload(), true) // the broker has restored an old state
	if r := w.Twin(start); r != nil {
		t.Errorf("%+v", r)
	}
}

// Two gateways with one ID see each other, and the same one of them gives way on both
// sides, whatever their clocks say.
func TestWatcher_Twin(t *testing.T) {
	for name, c := range map[string]struct {
		first, second Identity
	}{
		"by the start":               {gateway("pi", "z", 0), gateway("pi", "a", time.Second)},
		"both without a clock":       {gateway("pi", "a", 0), gateway("pi", "b", 0)},
		"a start before the Epoch":   {gateway("pi", "b", -60*365*24*time.Hour), gateway("pi", "a", 0)},
		"a start in another century": {gateway("pi", "b", 0), gateway("pi", "a", 100*365*24*time.Hour)},
	} {
		one, two := watcher(c.first), NewWatcher(c.second, "devices")
		two.Info(start, "pi", c.first.Payload(), true) // as it starts
		two.Info(start, "pi", c.second.Payload(), false)
		one.Info(start, "pi", c.second.Payload(), true)
		if r := two.Twin(start); r != nil {
			t.Errorf("%s: known before the first one has shown that it lives: %+v", name, r)
		}
		two.Info(start, "pi", again(c.first).Payload(), true)
		a, b := one.Twin(start), two.Twin(start)
		if a == nil || b == nil || a.First || !b.First {
			t.Errorf("%s: %+v, %+v", name, a, b)
		}
	}
}

// What is known of a twin ends some time after its last sign, or when its status is
// offline, and what it leaves at the broker does not bring it back.
func TestWatcher_TwinLeaves(t *testing.T) {
	self, other := gateway("pi", "b", time.Hour), gateway("pi", "a", 0)
	w := watcher(self)
	now := start
	w.Info(now, "pi", other.Payload(), false)
	now = now.Add(forgetAfter - 1)
	w.Looked(now, other.Payload(), online) // it is still there
	w.Looked(now, nil, "")                 // nothing may be read: unknown
	now = now.Add(forgetAfter - 1)
	if w.Twin(now) == nil || !w.Expires().Equal(now.Add(1)) {
		t.Fatal("forgotten too early")
	}
	if now = now.Add(1); w.Twin(now) != nil || !w.Expires().IsZero() {
		t.Fatal("not forgotten")
	}
	w.Info(now, "pi", other.Payload(), true)
	if w.Twin(now) != nil {
		t.Fatal("its retained identity counts")
	}
	w.Info(now, "pi", again(other).Payload(), true)
	if w.Twin(now) == nil {
		t.Fatal("it is back, and not noticed")
	}
	last := again(again(other)) // it has connected once more before it ended
	w.Looked(now, last.Payload(), offline)
	w.Info(now, "pi", last.Payload(), true)
	if w.Twin(now) != nil {
		t.Error("it is offline, and not forgotten")
	}
}

// A gateway with another ID concerns the devices that both have, while it is online.
func TestWatcher_Device(t *testing.T) {
	self, other := gateway("pi", "b", time.Hour, "uno", "mega"), gateway("attic", "a", 0, "uno", "due")
	w := watcher(self)
	w.Info(start, "attic", other.Payload(), true)
	expect := func(what string, want bool) {
		t.Helper()
		if got := w.Device("uno"); (got != nil) != want || got != nil && !got.First {
			t.Errorf("%s: %+v", what, got)
		}
		if got := w.Device("mega"); got != nil {
			t.Errorf("%s: %+v", what, got)
		}
	}
	expect("unknown status", false)
	w.Status("attic", online, true)
	expect("online", true)
	if who := w.Device("uno").Who; !strings.HasPrefix(who, `gateway "attic" on host host-a, started `) || !strings.Contains(who, " publishes on devices/uno too (hint: ") {
		t.Error(who)
	}
	w.Status("attic", offline, true)
	expect("offline", false)
	w.Status("attic", online, true)
	other.Devices = []string{"due"}
	w.Info(start, "attic", other.Payload(), false)
	expect("without the device", false)
}

// What strangers publish is bounded, and is never text for a terminal.
func TestWatcher_Strangers(t *testing.T) {
	w := watcher(gateway("pi", "b", 0, "uno"))
	for i := range 2 * maxRivals {
		id := fmt.Sprint("g", i)
		w.Status(id, online, true)
		w.Info(start, id, []byte("no JSON"), false)
		w.Info(start, "pi", gateway("pi", id, 0).Payload(), false)
		w.Info(start, "pi", gateway("other", id, 0).Payload(), false) // not its topic
	}
	if len(w.others) > maxRivals || len(w.same) > maxRivals {
		t.Errorf("%d others, %d twins", len(w.others), len(w.same))
	}
	odd := gateway("pi", "a", -time.Hour)
	odd.Host = "\x1b[31m)\"" + strings.Repeat("x", 1000)
	w = watcher(gateway("pi", "b", 0))
	w.Info(start, "pi", odd.Payload(), false)
	if who := w.Twin(start).Who; strings.ContainsAny(who, "\x1b") || len(who) > 300 || strings.Count(who, "(") != 1 {
		t.Errorf("%q", who)
	}
}

// The pauses between two looks grow, up to a bound.
func TestWatcher_NextPoll(t *testing.T) {
	w := watcher(gateway("pi", "b", 0))
	var all []string
	for range 5 {
		all = append(all, w.NextPoll().String())
	}
	if got := strings.Join(all, " "); got != "5s 10s 20s 30s 30s" {
		t.Error(got)
	}
}

// On one machine the text says so.
func TestIdentity_Describe(t *testing.T) {
	a, b := gateway("pi", "a", 0), gateway("pi", "b", 0)
	a.Host, b.Host, a.Machine, b.Machine = "attic", "attic", "1", "1"
	if got := a.describe(b); !strings.HasPrefix(got, `gateway "pi" on this machine, attic, started 2026-01-0`) {
		t.Error(got)
	}
	b.Machine = "2" // two machines with one host name
	if got := a.describe(b); !strings.HasPrefix(got, `gateway "pi" on host attic, started `) {
		t.Error(got)
	}
}

// What is retained of a gateway that ran on this machine before the last boot is left
// over, until one of its messages arrives as it is published.
func TestWatcher_BeforeTheBoot(t *testing.T) {
	self := gateway("pi", "b", time.Hour, "uno")
	self.Host, self.Machine, self.Boot = "pi", "m", "2"
	for name, c := range map[string]struct {
		host, machine, boot string
		rival               bool
	}{
		"before the boot":     {"pi", "m", "1", false},
		"in this boot":        {"pi", "m", "2", true},
		"on another machine":  {"pi", "n", "1", true},
		"on another host":     {"attic", "m", "1", true},
		"on unknown machines": {"pi", "", "1", true},
		"in an unknown boot":  {"pi", "m", "", true},
	} {
		other := gateway("old", "a", 0, "uno")
		other.Host, other.Machine, other.Boot = c.host, c.machine, c.boot
		w := watcher(self)
		expect := func(what string, want bool) {
			t.Helper()
			if got := w.Device("uno"); (got != nil) != want {
				t.Errorf("%s, %s: %+v", name, what, got)
			}
		}
		w.Info(start, "old", other.Payload(), true)
		w.Status("old", online, true)
		expect("retained", c.rival)
		w.Status("old", online, false)
		expect("online now", true)
		w.Status("old", offline, false)
		w.Status("old", online, true)
		expect("an old state again", c.rival)
		w.Info(start, "old", again(other).Payload(), false)
		expect("it has connected", true)
	}
}
