package ports

import "testing"

// The drivers are those of a Debian 12; USB ports have number 188.
func TestTerminalOf(t *testing.T) {
	const drivers = `/dev/tty             /dev/tty        5       0 system:/dev/tty
/dev/ptmx            /dev/ptmx       5       2 system
usbserial            /dev/ttyUSB   188 0-511 serial
acm                  /dev/ttyACM   166 0-255 serial
serial               /dev/ttyS       4 64-95 serial
pty_slave            /dev/pts      136 0-1048575 pty:slave
unknown              /dev/tty        4 1-63 console
`
	for _, c := range []struct {
		major, minor uint32
		want         bool
	}{
		{188, 0, true}, {188, 511, true}, {188, 512, false}, {166, 3, true}, {4, 64, true}, {4, 0, false},
		{136, 1000, true}, {5, 0, true}, {5, 1, false}, {1, 3, false}, {13, 63, false},
	} {
		if got := terminalOf(drivers, c.major, c.minor); got != c.want {
			t.Errorf("%d:%d: %v", c.major, c.minor, got)
		}
	}
}
