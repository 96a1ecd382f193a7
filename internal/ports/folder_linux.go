package ports

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A node or link in /dev appears, or its permissions change: udev grants access some
// moments after a node appears.
const appearing = unix.IN_CREATE | unix.IN_MOVED_TO | unix.IN_ATTRIB

// relevant are the events that matter in /dev.
const relevant = appearing | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_ONLYDIR

// folderWatch receives the kernel's events about a folder.
//
// It uses inotify directly. The usual library, fsnotify, cannot leave out IN_MODIFY,
// which kernels such as 5.10 send for every write of any program to /dev/null or a
// terminal.
type folderWatch struct {
	folder string
	events *os.File
	raw    syscall.RawConn

	mu sync.Mutex // held while events are taken from the kernel and passed on
}

func openWatch(folder string) (*folderWatch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", folder, err)
	}
	w := &folderWatch{folder: folder, events: os.NewFile(uintptr(fd), "inotify")}
	if w.raw, err = w.events.SyscallConn(); err == nil {
		_, err = unix.InotifyAddWatch(fd, folder, relevant)
	}
	if err != nil {
		_ = w.events.Close()
		return nil, fmt.Errorf("watch %s: %w", folder, err)
	}
	return w, nil
}

func (w *folderWatch) close() { _ = w.events.Close() } // no event is lost by an error

// run calls changed until ctx ends: with true when a port may have appeared in the
// folder or become accessible, with false when one may have gone.
func (w *folderWatch) run(ctx context.Context, changed func(mayAppear bool)) error {
	stop := context.AfterFunc(ctx, func() { w.events.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	changed(true) // for changes before the watch began
	buffer := make([]byte, 4<<10)
	for {
		var failed error
		err := w.raw.Read(func(fd uintptr) (done bool) {
			done, failed = w.take(int(fd), buffer, changed)
			return done
		})
		if err = errors.Join(err, failed); err != nil {
			return fmt.Errorf("watch %s: %w", w.folder, err)
		}
	}
}

// take passes on the events that wait in the kernel; done is false if there are none.
func (w *folderWatch) take(fd int, buffer []byte, changed func(mayAppear bool)) (done bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n, err := unix.Read(fd, buffer)
	switch {
	case errors.Is(err, unix.EAGAIN):
		return false, nil
	case errors.Is(err, unix.EINTR):
		return true, nil
	case err != nil:
		return true, err
	}
	if appears, goes := portEvents(buffer[:n]); appears || goes {
		changed(appears)
	}
	return true, nil
}

// pending reports whether events wait in the kernel that run has not passed on yet. The
// kernel adds an event before the change of the folder is over, so nothing is missed.
func (w *folderWatch) pending() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	waiting := 1 // if the kernel does not answer
	_ = w.raw.Control(func(fd uintptr) {
		if n, err := unix.IoctlGetInt(int(fd), unix.TIOCINQ); err == nil { // FIONREAD
			waiting = n
		}
	})
	return waiting > 0
}

// portEvents parses inotify's records: watch, mask, cookie and length of the name, four
// bytes each, then the name, padded with zeros. It reports whether a port may have
// appeared, or gone. After an overflow both are so: the lost records may have held one.
func portEvents(records []byte) (appears, goes bool) {
	for len(records) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(records[4:])
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(records[12:]))
		if end > len(records) || mask&unix.IN_Q_OVERFLOW != 0 {
			return true, true
		}
		if name := strings.TrimRight(string(records[unix.SizeofInotifyEvent:end]), "\x00"); mayBePortName(name) {
			appears = appears || mask&appearing != 0
			goes = goes || mask&appearing == 0
		}
		records = records[end:]
	}
	return appears, goes
}
