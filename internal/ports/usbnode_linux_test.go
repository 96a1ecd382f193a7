package ports

import (
	"os"
	"path/filepath"
	"testing"

	"arduino-gateway/internal/portstest"
)

// Only the adapter of one board, with nothing else in it, may be reset, and only with
// permission.
func TestUSBNode_IsThatOfAPlainAdapter(t *testing.T) {
	const node = "dev/bus/usb/001/004"
	for name, c := range map[string]struct {
		board portstest.Board
		nodes []string
		more  func(root, device string) // changes the machine
		want  bool
	}{
		"nano clone":                {portstest.Boards["nano-clone"], []string{"ttyUSB0"}, nil, true},
		"uno":                       {portstest.Boards["uno"], []string{"ttyACM0"}, nil, true},
		"due":                       {portstest.Board{VID: "2341", PID: "003D", Driver: "cdc_acm"}, []string{"ttyACM0"}, nil, false},
		"native":                    {portstest.Boards["leonardo"], []string{"ttyACM0"}, nil, false},
		"unknown":                   {portstest.Boards["odd"], []string{"ttyACM0"}, nil, false},
		"unknown chip of a driver":  {portstest.Board{VID: "1a86", PID: "ffff", Driver: "ch341"}, []string{"ttyUSB0"}, nil, false},
		"two ports":                 {portstest.Boards["cp2105"], []string{"ttyUSB0", "ttyUSB1"}, nil, false},
		"another function":          {portstest.Boards["ftdi"], []string{"ttyUSB0"}, withFunction("snd-usb-audio"), false},
		"a function without driver": {portstest.Boards["ftdi"], []string{"ttyUSB0"}, withFunction(""), false},
		"a function of libusb":      {portstest.Boards["ftdi"], []string{"ttyUSB0"}, withFunction("usbfs"), false},
		"without a node":            {portstest.Boards["ftdi"], []string{"ttyUSB0"}, func(root, _ string) { _ = os.Remove(filepath.Join(root, node)) }, false},
		"without a number":          {portstest.Boards["ftdi"], []string{"ttyUSB0"}, func(_, device string) { _ = os.Remove(filepath.Join(device, "devnum")) }, false},
	} {
		f := newFake(t)
		root := f.Root
		must(t, portstest.Plug(root, "1-1", c.board, c.nodes...))
		device, err := filepath.EvalSymlinks(filepath.Join(root, "sys/bus/usb/devices/1-1"))
		must(t, err)
		f.write(node, "")
		must(t, os.WriteFile(filepath.Join(device, "busnum"), []byte("1\n"), 0o600))
		must(t, os.WriteFile(filepath.Join(device, "devnum"), []byte("4\n"), 0o600))
		if c.more != nil {
			c.more(root, device)
		}
		want := ""
		if c.want {
			want = filepath.Join(root, node)
		}
		if got := f.USBNode(f.list()[0]); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// withFunction adds an interface to a device, with a driver or without.
func withFunction(driver string) func(root, device string) {
	return func(root, device string) {
		at := filepath.Join(device, "1-1:1.7")
		_ = os.Mkdir(at, 0o700)
		if driver != "" {
			_ = os.Symlink("/sys/bus/usb/drivers/"+driver, filepath.Join(at, "driver"))
		}
	}
}
