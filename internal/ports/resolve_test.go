package ports

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

// TestResolve_FindsThePort resolves each form of value.
func TestResolve_FindsThePort(t *testing.T) {
	f := household(t)
	all := f.list()
	for value, want := range map[string]string{
		"usb:2341:0043":                      "ttyACM0",
		"usb:2341:0043:75630313536351f0b1a1": "ttyACM0",
		"usb:303A:1001:34:85:18:AB:CD:EF":    "ttyACM2",
		"usb:1a86:7523:0":                    "ttyUSB2",
		"usb:cafe:4001:my_board\x01":         "ttyACM8",
		"usb-path:1-1.3":                     "ttyUSB10",
		"usb-path:1-2:1.1":                   "ttyUSB4",
		"usb-path:1-7":                       "ttyUSB7",
		f.path("dev/ttyUSB6"):                "ttyUSB6",
	} {
		p, err := Resolve(value, all)
		if err != nil || f.short(p.Path) != "/dev/"+want {
			t.Errorf("%s is %s, %v; want %s", value, p.Path, err, want)
		}
	}
}

// TestResolve_NamesTheCandidates expects similar boards in the errors.
func TestResolve_NamesTheCandidates(t *testing.T) {
	f := household(t)
	all := f.list()
	for value, want := range map[string]string{
		"usb:dead:beef":     "usb:dead:beef is not plugged in",
		"usb:2341:0043:ABC": "usb:2341:0043:ABC is not plugged in; similar boards: usb:2341:0043:75630313536351F0B1A1 at /dev/ttyACM0 (Arduino Uno at USB 1-1.1)",
		"usb-path:1-1":      "usb-path:1-1 is not plugged in",
		"usb-path:1-2:1.2":  "usb-path:1-2:1.2 is not plugged in",
		"usb:1a86:7523": "usb:1a86:7523 matches 3 ports: /dev/ttyUSB0 (CH340 at USB 1-1.2), /dev/ttyUSB2 (CH340 at USB 1-1.4), /dev/ttyUSB10 (CH340 at USB 1-1.3)" +
			" (hint: set port to one of these: usb-path:1-1.2, usb-path:1-1.4, usb-path:1-1.3)",
		"usb:10c4:ea70:00a8c4f1": "usb:10c4:ea70:00a8c4f1 matches 2 ports: /dev/ttyUSB3 (CP2105 at USB 1-2), /dev/ttyUSB4 (CP2105 at USB 1-2)" +
			" (hint: set port to one of these: usb-path:1-2:1.0, /dev/serial/by-id/usb-Silicon_Labs_CP2105_00A8C4F1-if01-port0)",
	} {
		_, err := Resolve(value, all)
		if err == nil {
			t.Fatalf("%s was found", value)
		}
		got := f.short(err.Error())
		if several, ok := errors.AsType[*AmbiguousError](err); ok {
			got += " (hint: " + f.short(several.Hint()) + ")"
		} else {
			wantError(t, err, fs.ErrNotExist)
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", value, got, want)
		}
	}
}

// TestResolve_BoardWithoutPort plugs in a board that has no port: it is not ready.
func TestResolve_BoardWithoutPort(t *testing.T) {
	f := newFake(t)
	f.plug("1-1", "nano-clone")
	_, err := Resolve("usb:1a86:7523", f.list())
	own, ok := errors.AsType[*NotReadyError](err)
	if !ok || own.State() != "not ready" || !strings.Contains(own.Error(), "CH340 has no port") {
		t.Errorf("%v", err)
	}
}

func FuzzResolve(f *testing.F) {
	for _, value := range []string{"usb:2341:0043", "usb:2341:0043:A:B", "usb-path:1-1.2:1.0", "usb:", "usb-path:", "usb:::", ":"} {
		f.Add(value)
	}
	all := []Port{{Path: "/dev/ttyUSB0", VID: "1a86", PID: "7523", USBPath: "1-1"}, {USBPath: "1-2", VID: "2341", PID: "0043"}, {Path: "/dev/ttyAMA0"}}
	f.Fuzz(func(t *testing.T, value string) {
		if p, err := Resolve(value, all); err == nil && isUSB(value) && p.Path != "/dev/ttyUSB0" {
			t.Errorf("%q is %q", value, p.Path)
		}
	})
}
