//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// usedTerminal is a pty that another program has used, with settings of its own.
type usedTerminal struct {
	t      *testing.T
	master *os.File // what the board writes to
	slave  *os.File
	before unix.Termios
}

func newUsedTerminal(t *testing.T) *usedTerminal {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = master.Close(), slave.Close() })
	u := &usedTerminal{t: t, master: master, slave: slave}
	settings := u.settings()
	settings.Cflag = settings.Cflag&^(unix.CBAUD|unix.CIBAUD) | unix.BOTHER | unix.HUPCL | unix.CSTOPB
	settings.Ispeed, settings.Ospeed = 74880, 74880
	settings.Iflag, settings.Lflag = unix.IXON|unix.IGNCR, unix.ICANON
	settings.Cc[unix.VMIN], settings.Cc[unix.VTIME] = 7, 3
	if err := unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS2, &settings); err != nil {
		t.Fatal(err)
	}
	u.before = u.settings()
	return u
}

func (u *usedTerminal) settings() unix.Termios {
	u.t.Helper()
	settings, err := unix.IoctlGetTermios(int(u.slave.Fd()), unix.TCGETS2)
	if err != nil {
		u.t.Fatal(err)
	}
	return *settings
}

// awaitRate waits until the terminal has this rate.
func (u *usedTerminal) awaitRate(when string, rate uint32) {
	u.t.Helper()
	for deadline := time.Now().Add(patience); u.settings().Ospeed != rate; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			u.t.Fatalf("%s: %d baud, want %d", when, u.settings().Ospeed, rate)
		}
	}
}

// check reports settings that are not those from before.
func (u *usedTerminal) check(when string) {
	u.t.Helper()
	if got := u.settings(); got != u.before {
		u.t.Errorf("%s: settings\n%+v, before\n%+v", when, got, u.before)
	}
}

// Whatever closes a port puts back the settings that it had: a pause, a device that is
// changed or removed, and a stop. The next opening of ours does not take those of the one
// before for the settings of others.
func TestRun_PutsTerminalSettingsBack(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	kept, changed, removed := newUsedTerminal(t), newUsedTerminal(t), newUsedTerminal(t)
	first := fmt.Sprintf("  kept: {port: %q}\n", kept.slave.Name())
	stop := r.start(first + fmt.Sprintf("  changed: {port: %q, baud: 9600, reset_on_open: false}\n  removed: {port: %q}\n", changed.slave.Name(), removed.slave.Name()))
	kept.awaitRate("open", 115200)
	changed.awaitRate("open", 9600)
	removed.awaitRate("open", 115200)
	r.log.AwaitTimes(t, 3, ": port ready")

	file := filepath.Join(r.dir, "devices.yaml")
	r.gateway(exitDone, "pause", "-c", file, "kept")
	kept.check("paused")
	r.gateway(exitDone, "resume", "-c", file, "kept")
	kept.awaitRate("resumed", 115200)

	r.configure(first + fmt.Sprintf("  changed: {port: %q, baud: 57600}\n", changed.slave.Name()))
	changed.awaitRate("changed", 57600)
	removed.awaitRate("removed", 74880)
	removed.check("removed")
	stop()
	kept.check("stopped")
	changed.check("stopped after a change")
	removed.check("stopped")
}
