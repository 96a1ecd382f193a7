package ports

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"testing"
	"time"
)

// counted returns the machine with a counter of its scans.
func (f *fake) counted() *atomic.Int64 {
	f.Machine.scans = new(atomic.Int64)
	return f.Machine.scans
}

// missing returns leases of boards that are not plugged in, under a Tracker that watches.
func (f fake) missing(n int) (leases []*Lease) {
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	for i := range n {
		leases = append(leases, tracker.Lease(fmt.Sprint("device", i), fmt.Sprintf("usb:2341:0043:%04d", i)))
		_, _ = leases[i].Find()
	}
	f.run(tracker)
	for _, lease := range leases {
		awaitWake(f.t, lease)
	}
	return leases
}

// findNone calls Find of each lease, and fails the test if one has a port.
func findNone(t *testing.T, leases []*Lease) {
	t.Helper()
	for _, lease := range leases {
		_, err := lease.Find()
		wantError(t, err, fs.ErrNotExist)
	}
}

// The devices of 300 missing boards look for them a few times. /sys is scanned once for
// all of them, and once more for each change.
func TestTracker_ScansOnceForAllLeases(t *testing.T) {
	f := newFake(t)
	scans := f.counted()
	leases := f.missing(300)
	findNone(t, leases)
	within := time.Now()
	before := scans.Load()
	for range 3 {
		findNone(t, leases)
	}
	if n := scans.Load() - before; n > int64(time.Since(within)/trusted) {
		t.Errorf("%d scans although nothing changed", n)
	}
	f.plug("1-1", "leonardo", "ttyACM0")
	before = scans.Load()
	findNone(t, leases)
	if n := scans.Load() - before; n < 1 || n > 1+int64(time.Since(within)/trusted) {
		t.Errorf("%d scans after a change", n)
	}
}

// Without a watch, such as when the kernel has none left, each Find scans once.
func TestTracker_ScansForEachFindWithoutAWatch(t *testing.T) {
	f := newFake(t)
	scans := f.counted()
	f.plug("1-1", "uno", "ttyACM0")
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	here, away := tracker.Lease("uno", "usb:2341:0043"), tracker.Lease("mega", "usb:2341:0042")
	begin := time.Now()
	for range 10 {
		given(t, here)
		findNone(t, []*Lease{away})
	}
	if n, slow := scans.Load(), int64(time.Since(begin)/fresh); n < 20 || n > 20+slow {
		t.Errorf("%d scans, want 20", n)
	}
}

// A board is found by the first Find after it was plugged in, and not found by the first
// after it was unplugged, whether the event of /dev was read by then or not.
func TestTracker_FindSeesEachChangeAtOnce(t *testing.T) {
	f := newFake(t)
	lease := f.tracked("usb:2341:0043")
	for i := range 100 {
		f.plug("1-1", "uno", fmt.Sprint("ttyACM", i))
		port, err := lease.Find()
		if err != nil || port.Path != f.path("dev", fmt.Sprint("ttyACM", i)) {
			t.Fatalf("plugged in: %s, %v", port.Path, err)
		}
		f.unplug("1-1")
		_, err = lease.Find()
		wantError(t, err, fs.ErrNotExist)
	}
}

// In a container with nodes for boards that are away, /dev shows no change.
func TestView_SeesChangesWithoutAnEvent(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	node := f.path("dev/ttyACM0")
	tracked := f.tracked("usb:2341:0043")
	v := tracked.tracker.view
	away := f.path("away")
	must(t, os.Rename(f.path("sys/class/tty/ttyACM0"), away))
	_, _ = v.list(fresh)
	if v.last == nil || !v.current(v.last.begun, fresh) {
		t.Fatal("a list is old at once")
	}
	must(t, os.Rename(away, f.path("sys/class/tty/ttyACM0")))
	if v.current(v.looked.Add(fresh), trusted) {
		t.Errorf("%s came without an event, and the old list is used", node)
	}
}

// What is reused, and for how long.
func TestView_ReusesAList(t *testing.T) {
	f := newFake(t)
	v := f.tracked("usb:2341:0043").tracker.view
	_, _ = v.list(0)
	begun := v.last.begun
	for _, c := range []struct {
		age, limit time.Duration
		want       bool
	}{
		{0, fresh, true}, {fresh - 1, fresh, true}, {fresh, fresh, false},
		{fresh, trusted, true}, {trusted - 1, trusted, true}, {trusted, trusted, false},
	} {
		if got := v.current(begun.Add(c.age), c.limit); got != c.want {
			t.Errorf("after %v of %v: %v", c.age, c.limit, got)
		}
	}
	v.change()
	if v.current(begun, trusted) {
		t.Error("after a change")
	}
	unwatched := NewTracker(f.Machine, nil).view
	_, _ = unwatched.list(fresh)
	if unwatched.current(unwatched.last.begun, fresh) {
		t.Error("without a watch")
	}
	snapshot := NewSnapshot(f.Machine, nil).view
	_, _ = snapshot.list(fresh)
	if !snapshot.current(snapshot.last.begun.Add(time.Hour), fresh) {
		t.Error("a snapshot is read again")
	}
}
