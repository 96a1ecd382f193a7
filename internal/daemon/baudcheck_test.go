package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/config"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/portstest"
)

// A port that does not get its baud is found by its identity, its socket and its path.
// Nothing is said of ports of which nothing is known, and nothing is opened: the nodes
// are files.
func TestCheckBauds_LooksThePortUp(t *testing.T) {
	root := t.TempDir()
	if err := os.MkdirAll(filepath.Join(root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	for socket, b := range map[string]portstest.Board{
		"1-1": portstest.Boards["leonardo"],
		"1-2": {VID: "2341", PID: "1002", Driver: "cdc_acm"},
		"1-3": portstest.Boards["nano-clone"],
		"1-4": portstest.Boards["uno"],
	} {
		if err := portstest.Plug(root, socket, b, "tty"+socket); err != nil {
			t.Fatal(err)
		}
	}
	path := func(socket string) string { return filepath.Join(root, "dev", "tty"+socket) }
	for _, c := range []struct {
		port string
		baud int
		want string // in the problem; "": none
	}{
		{path("1-1"), 9600, "Arduino Leonardo has a USB of its own"},
		{"usb-path:1-1", 1200, "Arduino Leonardo has a USB of its own"},
		{"usb:2341:8036", 57600, "Arduino Leonardo has a USB of its own"},
		{"usb:2e8a:000a:E66", 9600, "Raspberry Pi Pico has a USB of its own"}, // not plugged in
		{"usb-path:1-1", 115200, ""},
		{"usb-path:1-1", device.BaudAuto, ""},
		{path("1-2"), 2400, "to Arduino Uno R4 WiFi a rate below 4800 is, or may be, an order"},
		{path("1-2"), 9600, ""},
		{path("1-3"), 1200, ""},
		{path("1-4"), 1200, ""},
		{"usb-path:1-9", 1200, ""},
		{"/dev/none", 1200, ""},
		{"rfc2217://host:1", 1200, ""},
		{"usb:2341", 1200, ""},
	} {
		settings := &config.Config{Devices: []device.Device{{ID: "board", Port: c.port, Baud: c.baud}}}
		got := CheckBauds(settings, ports.Machine{Root: root})
		switch {
		case c.want == "" && len(got) > 0:
			t.Errorf("%s at %d: %+v", c.port, c.baud, got)
		case c.want != "" && (len(got) != 1 || got[0].Key != "devices.board.baud" || !strings.Contains(got[0].What, c.want) || got[0].Hint == ""):
			t.Errorf("%s at %d: %+v, want %s", c.port, c.baud, got, c.want)
		}
	}
}
