package ports

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// TestFolderWatch_ParsesRecords parses whole and cut records of inotify.
func TestFolderWatch_ParsesRecords(t *testing.T) {
	record := func(mask uint32, name string) []byte {
		padded := append([]byte(name), make([]byte, 16-len(name)%16)...)
		head := make([]byte, unix.SizeofInotifyEvent)
		binary.NativeEndian.PutUint32(head[4:], mask)
		binary.NativeEndian.PutUint32(head[12:], uint32(len(padded)))
		return append(head, padded...)
	}
	loop, usb, gone := record(unix.IN_CREATE, "loop7"), record(unix.IN_ATTRIB, "ttyUSB12"), record(unix.IN_DELETE, "ttyUSB3")
	for name, c := range map[string]struct {
		records       []byte
		appears, goes bool
	}{
		"none":      {nil, false, false},
		"others":    {append(loop, record(unix.IN_CREATE, "a-name-of-sixteen")...), false, false},
		"behind":    {append(loop, usb...), true, false},
		"gone":      {append(gone, loop...), false, true},
		"both":      {append(gone, usb...), true, true},
		"overflow":  {record(unix.IN_Q_OVERFLOW, ""), true, true},
		"cut":       {usb[:20], true, true},
		"head only": {usb[:10], false, false},
	} {
		if appears, goes := portEvents(c.records); appears != c.appears || goes != c.goes {
			t.Errorf("%s: appears %v, goes %v", name, appears, goes)
		}
	}
}
