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
	folder  string
	changed func(mayAppear bool)
	events  *os.File
	raw     syscall.RawConn

	mu     sync.Mutex // held while events are taken from the kernel and passed on
	buffer [4 << 10]byte
}

// openWatch watches a folder. From now on changed is called by run or catchUp: with true
// when a port may have appeared or become accessible, with false when one may have gone.
func openWatch(folder string, changed func(mayAppear bool)) (*folderWatch, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, fmt.Errorf("watch %s: %w", folder, err)
	}
	w := &folderWatch{folder: folder, changed: changed, events: os.NewFile(uintptr(fd), "inotify")}
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

// run passes on events until ctx ends.
func (w *folderWatch) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { w.events.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	w.changed(true) // for changes before the watch began
	for {
		var failed error
		err := w.raw.Read(func(fd uintptr) bool {
			failed = w.take(int(fd))
			return failed != nil // else it waits for more
		})
		if err = errors.Join(err, failed); err != nil {
			return fmt.Errorf("watch %s: %w", w.folder, err)
		}
	}
}

// catchUp passes on the events that run has not yet. The kernel adds an event before the
// change of the folder is over, so none is missed. It returns false if that is not sure.
func (w *folderWatch) catchUp() bool {
	var failed error
	err := w.raw.Control(func(fd uintptr) { failed = w.take(int(fd)) })
	return err == nil && failed == nil
}

// take passes on all events that wait in the kernel.
func (w *folderWatch) take(fd int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		n, err := unix.Read(fd, w.buffer[:])
		switch {
		case errors.Is(err, unix.EAGAIN):
			return nil
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return err
		}
		if appears, goes := portEvents(w.buffer[:n]); appears || goes {
			w.changed(appears)
		}
	}
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
