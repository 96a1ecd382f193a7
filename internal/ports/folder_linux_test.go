package ports

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// TestWatchFolder_ParsesRecords parses whole and cut records of inotify.
func TestWatchFolder_ParsesRecords(t *testing.T) {
	record := func(mask uint32, name string) []byte {
		padded := append([]byte(name), make([]byte, 16-len(name)%16)...)
		head := make([]byte, unix.SizeofInotifyEvent)
		binary.NativeEndian.PutUint32(head[4:], mask)
		binary.NativeEndian.PutUint32(head[12:], uint32(len(padded)))
		return append(head, padded...)
	}
	loop, usb := record(unix.IN_CREATE, "loop7"), record(unix.IN_ATTRIB, "ttyUSB12")
	for name, c := range map[string]struct {
		records []byte
		want    bool
	}{
		"none":      {nil, false},
		"others":    {append(loop, record(unix.IN_CREATE, "a-name-of-sixteen")...), false},
		"behind":    {append(loop, usb...), true},
		"overflow":  {record(unix.IN_Q_OVERFLOW, ""), true},
		"cut":       {usb[:20], true},
		"head only": {usb[:10], false},
	} {
		if got := anyMayBePort(c.records); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
