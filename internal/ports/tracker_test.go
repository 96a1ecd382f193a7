package ports

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const patience = 10 * time.Second

// tracked returns a lease of a running Tracker, after its first wake.
func (f fake) tracked(value string) *Lease {
	f.t.Helper()
	tracker := NewTracker(f.Machine, slog.New(slog.NewTextHandler(f.t.Output(), nil)))
	lease := tracker.Lease("greenhouse", value)
	_, _ = lease.Find() // from here on it is woken
	f.run(tracker)
	awaitWake(f.t, lease)
	return lease
}

func (f fake) run(tracker *Tracker) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- tracker.Run(ctx) }()
	f.t.Cleanup(func() {
		cancel()
		must(f.t, <-done)
	})
}

func awaitWake(t *testing.T, s *Lease) {
	t.Helper()
	select {
	case <-s.Changed():
	case <-time.After(patience):
		t.Fatal("not woken")
	}
}

// awaitPort calls Find at each wake until the port is there.
func awaitPort(t *testing.T, s *Lease) Port {
	t.Helper()
	for {
		port, err := s.Find()
		if err == nil {
			return port
		}
		wantError(t, err, fs.ErrNotExist)
		awaitWake(t, s)
	}
}

// TestTracker_WakesWhenABoardIsPlugged replugs a board into another socket.
func TestTracker_WakesWhenABoardIsPlugged(t *testing.T) {
	f := newFake(t)
	lease := f.tracked("usb:2341:0043")
	f.plug("1-1", "uno", "ttyACM0")
	awaitWake(t, lease)
	if port := awaitPort(t, lease); port.Path != f.path("dev/ttyACM0") || port.Chip.Kind != Bridge {
		t.Errorf("%+v", port)
	}
	f.unplug("1-1")
	_, err := lease.Find()
	wantError(t, err, fs.ErrNotExist)
	f.plug("1-4", "uno", "ttyACM7") // another socket, another name
	if port := awaitPort(t, lease); port.Path != f.path("dev/ttyACM7") {
		t.Errorf("%+v", port)
	}
}

// TestTracker_WakesWhenPermissionsChange does what udev does some moments after a node
// appears.
func TestTracker_WakesWhenPermissionsChange(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	lease := f.tracked("usb:2341:0043")
	must(t, os.Chmod(f.path("dev/ttyACM0"), 0o600))
	awaitWake(t, lease)
}

// TestTracker_IgnoresWrites writes to /dev/null and to a port, as programs always do.
func TestTracker_IgnoresWrites(t *testing.T) {
	f := newFake(t)
	f.write("dev/null", "")
	f.write("dev/ttyUSB0", "")
	lease := f.tracked("usb:2341:0043")
	null, err := os.OpenFile(f.path("dev/null"), os.O_WRONLY, 0)
	must(t, err)
	defer null.Close()
	for range 100 {
		_, err := null.WriteString("x")
		must(t, err)
	}
	f.write("dev/loop7", "")
	must(t, os.WriteFile(f.path("dev/ttyUSB0"), []byte("a command"), 0)) // as the gateway itself does
	select {
	case <-lease.Changed():
		t.Error("woken")
	case <-time.After(3 * settle):
	}
}

// TestTracker_WorksWithoutAFolderToWatch runs without /dev.
func TestTracker_WorksWithoutAFolderToWatch(t *testing.T) {
	f := newFake(t)
	must(t, os.Remove(f.path("dev")))
	tracker := NewTracker(f.Machine, slog.New(slog.NewTextHandler(t.Output(), nil)))
	f.run(tracker)
	if _, err := tracker.Lease("greenhouse", os.DevNull).Find(); err != nil {
		t.Error(err)
	}
}

// TestTracker_LeasesAPortToOneDevice has three devices mean the same port.
func TestTracker_LeasesAPortToOneDevice(t *testing.T) {
	f := newFake(t)
	f.plug("1-1.2", "uno", "ttyACM0")
	f.udevLink("serial/by-id/usb-Arduino", "ttyACM0")
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	first := tracker.Lease("greenhouse", f.path("dev/serial/by-id/usb-Arduino"))
	second := tracker.Lease("cellar", "usb:2341:0043")
	third := tracker.Lease("attic", "usb-path:1-1.2")
	_, err := first.Find()
	must(t, err)
	for range 2 { // the second time the first device still has it
		_, err = first.Find()
		must(t, err)
		_, err = second.Find()
		taken, ok := errors.AsType[*TakenError](err)
		if !ok {
			t.Fatalf("error %v", err)
		}
		want := `usb:2341:0043 is /dev/ttyACM0, the port of device "greenhouse" (port: /dev/serial/by-id/usb-Arduino)`
		if got := f.short(taken.Error()); got != want || taken.State() == "" || taken.Hint() == "" {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	_, err = third.Find()
	if err == nil {
		t.Error("a third takes it")
	}
	first.Release()
	awaitWake(t, third) // the port is free
	_, err = third.Find()
	must(t, err)

	f.unplug("1-1.2") // an unplugged board keeps nothing
	_, err = third.Find()
	wantError(t, err, fs.ErrNotExist)
	f.plug("1-3", "uno", "ttyACM0")
	_, err = second.Find()
	must(t, err)
}

// TestLease_ByPath leases a port by its path, one of a bootloader and one not in /sys
// among them.
func TestLease_ByPath(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "leonardo-bootloader", "ttyACM0")
	lease := NewTracker(f.Machine, nil).Lease("greenhouse", f.path("dev/ttyACM0"))
	_, err := lease.Find()
	if _, ok := errors.AsType[*NotReadyError](err); !ok {
		t.Errorf("a bootloader's port is leased: %v", err)
	}
	f.unplug("1-1")
	_, err = lease.Find()
	wantError(t, err, fs.ErrNotExist)
	f.plug("1-1", "leonardo", "ttyACM0")
	port, err := lease.Find()
	must(t, err)
	if port.Chip.Kind != Native || port.Path != f.path("dev/ttyACM0") {
		t.Errorf("%+v", port)
	}
	// A pseudo-terminal, for example: nothing is known about it, and it works.
	elsewhere := filepath.Join(t.TempDir(), "board")
	must(t, os.WriteFile(elsewhere, nil, 0o600))
	for machine, value := range map[Machine]string{f.Machine: elsewhere, {Root: f.path("nowhere")}: "COM3"} {
		port, err = NewTracker(machine, nil).Lease("tank", value).Find()
		must(t, err)
		if port.Path != value || port.Chip != (Chip{}) {
			t.Errorf("%+v", port)
		}
	}
}
