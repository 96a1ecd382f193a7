package ports

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// relevant are the events that matter in /dev: a node or link appears, or its
// permissions change. udev grants access some moments after a node appears.
const relevant = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_ATTRIB | unix.IN_ONLYDIR

// watchFolder calls changed when a port may have appeared in the folder or become
// accessible, until ctx ends.
//
// It uses inotify directly. The usual library, fsnotify, cannot leave out IN_MODIFY,
// which kernels such as 5.10 send for every write of any program to /dev/null or a
// terminal.
func watchFolder(ctx context.Context, folder string, changed func()) error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return fmt.Errorf("watch %s: %w", folder, err)
	}
	events := os.NewFile(uintptr(fd), "inotify")
	defer events.Close()
	if _, err := unix.InotifyAddWatch(fd, folder, relevant); err != nil {
		return fmt.Errorf("watch %s: %w", folder, err)
	}
	stop := context.AfterFunc(ctx, func() { events.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	changed() // for changes before the watch began
	buffer := make([]byte, 4<<10)
	for {
		n, err := events.Read(buffer)
		if err != nil {
			return fmt.Errorf("watch %s: %w", folder, err)
		}
		if anyMayBePort(buffer[:n]) {
			changed()
		}
	}
}

// anyMayBePort parses inotify's records: watch, mask, cookie and length of the
// name, four bytes each, then the name, padded with zeros. An overflow counts as a
// port: the lost records may have held one.
func anyMayBePort(records []byte) bool {
	for len(records) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(records[4:])
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(records[12:]))
		if end > len(records) {
			return true
		}
		name := strings.TrimRight(string(records[unix.SizeofInotifyEvent:end]), "\x00")
		if mask&unix.IN_Q_OVERFLOW != 0 || mayBePortName(name) {
			return true
		}
		records = records[end:]
	}
	return false
}
