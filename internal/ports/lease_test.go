package ports

import (
	"errors"
	"io/fs"
	"log/slog"
	"testing"
)

// refused fails the test unless another device has the port.
func refused(t *testing.T, s *Lease) *TakenError {
	t.Helper()
	_, err := s.Find()
	taken, ok := errors.AsType[*TakenError](err)
	if !ok {
		t.Fatalf("error %v", err)
	}
	return taken
}

// given fails the test unless Find returns a port.
func given(t *testing.T, s *Lease) {
	t.Helper()
	_, err := s.Find()
	must(t, err)
}

// TestLease_HoldKeepsThePort pauses one of two devices that match one board.
func TestLease_HoldKeepsThePort(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	uno, any := tracker.Lease("uno", "usb:2341:0043:75630313536351F0B1A1"), tracker.Lease("any", "usb:2341:0043")
	given(t, uno)
	uno.Hold(true)
	uno.Release() // the port is closed
	want := `usb:2341:0043 is /dev/ttyACM0, the port of device "uno" (port: usb:2341:0043:75630313536351F0B1A1), which is paused`
	if got := f.short(refused(t, any).Error()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	f.unplug("1-1")
	_, err := any.Find()
	wantError(t, err, fs.ErrNotExist)
	f.plug("1-3", "mega", "ttyACM0")
	f.plug("1-1", "uno", "ttyACM1") // back from its bootloader
	refused(t, any)

	uno.Hold(false)
	given(t, uno)
	refused(t, any)
	uno.Release()
	awaitWake(t, any)
	given(t, any)
}

// TestLease_HoldBeginsWithoutAPort pauses a device whose board is unplugged.
func TestLease_HoldBeginsWithoutAPort(t *testing.T) {
	f := newFake(t)
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	uno, any := tracker.Lease("uno", "usb:2341:0043:75630313536351F0B1A1"), tracker.Lease("any", "usb:2341:0043")
	uno.Hold(true) // the board is unplugged
	f.plug("1-1", "uno", "ttyACM0")
	refused(t, any)
	uno.Close()
	awaitWake(t, any)
	given(t, any)
}

// TestLease_HoldIsForOneBoard plugs other boards in during a hold: they can be leased.
func TestLease_HoldIsForOneBoard(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "nano-clone", "ttyUSB0")
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	some, second := tracker.Lease("some", "usb:1a86:7523"), tracker.Lease("second", "usb-path:1-2")
	given(t, some)
	some.Hold(true)
	some.Release()
	f.plug("1-2", "nano-clone", "ttyUSB1") // matches the value, but is another board
	given(t, second)
	second.Release()
	f.unplug("1-1")
	f.unplug("1-2")
	f.plug("1-3", "ftdi", "ttyUSB0")
	given(t, tracker.Lease("third", f.path("dev/ttyUSB0")))
}

// TestLease_HoldPassesToTheNextLease changes a device's port: during a hold.
func TestLease_HoldPassesToTheNextLease(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	f.plug("1-2", "mega", "ttyACM1")
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	before, any := tracker.Lease("uno", "usb:2341:0043"), tracker.Lease("any", "usb-path:1-1")
	given(t, before)
	before.Hold(true)
	before.Release()
	after := tracker.Lease("uno", "usb:2341:0042") // another board from here on, while an upload to this one still runs
	refused(t, any)
	after.Hold(true)
	refused(t, any)
	after.Hold(false)
	refused(t, any)
	given(t, after)
	awaitWake(t, any)
	given(t, any)
}

// TestLease_HoldAllowsItsOwnDevice calls Find during a hold: a pause may begin while the
// device waits for its board.
func TestLease_HoldAllowsItsOwnDevice(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	lease := NewTracker(f.Machine, slog.New(slog.DiscardHandler)).Lease("uno", "usb:2341:0043")
	lease.Hold(true)
	given(t, lease)
	given(t, lease)
}
