package ports

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"arduino-gateway/internal/portowner"
	"arduino-gateway/internal/portstest"
)

func (f fake) free(patterns, claimed []string) string {
	f.t.Helper()
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	var names []string
	for _, p := range tracker.Free(patterns, claimed) {
		names = append(names, filepath.Base(p.Path))
	}
	return strings.Join(names, " ")
}

// TestTracker_Free expects the ports that patterns match and no device claims.
func TestTracker_Free(t *testing.T) {
	f := newFake(t)
	f.plug("1-1.1", "uno", "ttyACM0")
	f.plug("1-1.2", "nano-clone", "ttyUSB0")
	f.plug("1-1.3", "nano-clone", "ttyUSB1")
	f.plug("2-4", "leonardo-bootloader", "ttyACM9")
	f.udevLink("serial/by-id/usb-Arduino_75630", "ttyACM0")
	must(t, os.Symlink("ttyUSB1", f.path("dev/mine")))
	must(t, portstest.Virtual(f.Root, "null")) // not a port, even if a pattern matches
	folder := t.TempDir()
	virtual := filepath.Join(folder, "virtual")
	must(t, os.Symlink("/dev/zero", virtual))
	must(t, os.Symlink("/dev/null", filepath.Join(folder, "console")))
	must(t, os.Symlink("/dev/random", filepath.Join(folder, ".hidden")))
	must(t, os.WriteFile(filepath.Join(folder, "file"), nil, 0o600))

	for _, c := range []struct {
		patterns, claimed []string
		want              string
	}{
		{nil, nil, "ttyACM0 ttyUSB0 ttyUSB1"},
		{nil, []string{f.path("dev/ttyUSB0"), "usb:2341:0043"}, "ttyUSB1"},
		{nil, []string{"usb:1a86:7523"}, "ttyACM0"}, // either may be meant
		{nil, []string{"usb-path:1-1.3", "/dev/nowhere", "tcp://esp:23"}, "ttyACM0 ttyUSB0"},
		{nil, []string{f.path("dev/mine")}, "ttyACM0 ttyUSB0"},
		{nil, []string{f.path("dev/serial/by-id/usb-Arduino_75630")}, "ttyUSB0 ttyUSB1"},
		{[]string{f.path("dev/ttyUSB*")}, nil, "ttyUSB0 ttyUSB1"},
		{[]string{f.path("dev/serial/by-id/*Arduino*")}, nil, "ttyACM0"},
		{[]string{"usb:2341:*", "usb-path:1-1.2"}, nil, "ttyACM0 ttyUSB0"},
		{[]string{filepath.Join(folder, "*")}, nil, "virtual"},
		{[]string{filepath.Join(folder, ".h*")}, nil, ".hidden"},
		{[]string{virtual}, []string{virtual}, ""},
		{[]string{"/dev/nowhere*"}, nil, ""},
	} {
		if got := f.free(c.patterns, c.claimed); got != c.want {
			t.Errorf("%q without %q: %q, want %q", c.patterns, c.claimed, got, c.want)
		}
	}
}

// TestTracker_IsFree looks at one port among those that Free returns, also one with a name
// that reads like a pattern.
func TestTracker_IsFree(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "uno", "ttyACM0")
	dir := t.TempDir()
	odd, other := filepath.Join(dir, "uno[1]"), filepath.Join(dir, "mega")
	must(t, os.Symlink("/dev/zero", odd))
	must(t, os.Symlink("/dev/full", other))
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	patterns := []string{dir + "/*", f.path("dev/*")}
	for _, c := range []struct {
		at      string
		claimed []string
		want    bool
	}{
		{odd, nil, true},
		{odd, []string{other}, true},
		{odd, []string{"/dev/zero"}, false},
		{other, nil, true},
		{f.path("dev/ttyACM0"), nil, true},
		{f.path("dev/ttyACM0"), []string{"usb:2341:0043"}, false},
		{filepath.Join(dir, "none"), nil, false},
		{"/dev/zero", nil, false}, // no pattern matches it
	} {
		if p, got := tracker.IsFree(c.at, patterns, c.claimed); got != c.want || got && p.Path != c.at {
			t.Errorf("%s without %q: %v, %s", c.at, c.claimed, got, p.Path)
		}
	}
}

// TestTracker_Overlaps compares port: values that may mean one port.
func TestTracker_Overlaps(t *testing.T) {
	f := newFake(t)
	f.plug("1-1.1", "uno", "ttyACM0")
	virtual := filepath.Join(t.TempDir(), "virtual")
	must(t, os.Symlink("/dev/zero", virtual))
	must(t, os.Symlink(virtual, virtual+"-link"))
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	for _, c := range []struct {
		value  string
		others []string
		want   bool
	}{
		{"usb-path:1-1.1", []string{"/dev/ttyUSB7", f.path("dev/ttyACM0")}, true},
		{f.path("dev/ttyACM0"), []string{"usb:2341:0043"}, true},
		{"usb-path:1-1.1", []string{"usb-path:1-1.2"}, false},
		{"usb-path:1-1.1", nil, false},
		{"usb-path:9-9", []string{"usb-path:9-9"}, false}, // it is not plugged in
		{virtual, []string{virtual + "-link"}, true},
		{virtual, []string{f.path("dev/ttyACM0")}, false},
	} {
		if got := tracker.Overlaps(c.value, c.others); got != c.want {
			t.Errorf("%s and %q: %v", c.value, c.others, got)
		}
	}
}

// TestTracker_Path expects the path that an uploader needs, for each kind of value.
func TestTracker_Path(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "nano-clone", "ttyUSB0")
	f.plug("1-2", "nano-clone", "ttyUSB1")
	f.udevLink("greenhouse", "ttyUSB0")
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	for value, want := range map[string]string{
		"usb-path:1-2":             f.path("dev/ttyUSB1"),
		f.path("dev/greenhouse"):   f.path("dev/greenhouse"),
		"usb:1a86:7523":            "usb:1a86:7523", // it may be either
		"usb-path:1-3":             "usb-path:1-3",
		"/dev/none":                "/dev/none",
		"rfc2217://192.0.2.1:2217": "rfc2217://192.0.2.1:2217",
	} {
		if got := tracker.Path(value); got != want {
			t.Errorf("%s: %s, want %s", value, got, want)
		}
	}
}

// TestTracker_Subscribe expects a signal for each new port, until the end.
func TestTracker_Subscribe(t *testing.T) {
	f := newFake(t)
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	changed, stop := tracker.Subscribe()
	f.run(tracker)
	<-changed // for what was there before
	f.plug("1-1", "uno", "ttyACM0")
	<-changed
	if got := tracker.Free(nil, nil); !slices.ContainsFunc(got, func(p Port) bool { return p.USBPath == "1-1" }) {
		t.Errorf("free %+v", got)
	}
	stop()
	if len(tracker.subscribers) != 0 {
		t.Error("the subscription remains")
	}
}

// TestTracker_HeldBy expects the program that holds a port, but not this one.
func TestTracker_HeldBy(t *testing.T) {
	f := newFake(t)
	f.plug("1-1.1", "uno", "ttyACM0")
	f.plug("1-1.2", "nano-clone", "ttyUSB0")
	f.plug("1-1.3", "nano-clone", "ttyUSB1")
	f.write("run/lock/LCK..ttyACM0", "4242\n")
	f.write("proc/4242/comm", "zigbee\n")
	f.write("run/lock/LCK..ttyUSB0", strconv.Itoa(os.Getpid()))
	f.write(filepath.Join("proc", strconv.Itoa(os.Getpid()), "comm"), "gateway\n")
	tracker := NewTracker(f.Machine, slog.New(slog.DiscardHandler))
	for node, want := range map[string]string{"ttyACM0": "zigbee (pid 4242)", "ttyUSB0": "", "ttyUSB1": "", "ttyUSB9": ""} {
		state, got := tracker.HeldBy(f.path("dev", node))
		if got != want || (state == portowner.Owned) != (want != "") || state == portowner.Free {
			t.Errorf("%s is held by %q, state %v: without all of /proc it is not free", node, got, state)
		}
	}
}
