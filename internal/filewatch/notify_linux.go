package filewatch

import (
	"encoding/binary"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/wake"
)

// inFolder are the events of a folder that may mean other contents of a file in it.
//
// It has no IN_MODIFY, which comes with every write to every file there. The spool may be
// in the folder of devices.yaml, and writes once a line. The usual library, fsnotify,
// cannot leave it out.
const inFolder = unix.IN_CREATE | unix.IN_DELETE | unix.IN_MOVED_FROM | unix.IN_MOVED_TO | unix.IN_ATTRIB |
	unix.IN_CLOSE_WRITE | unix.IN_DELETE_SELF | unix.IN_MOVE_SELF | unix.IN_ONLYDIR

// inFile is the event of a file that its folder does not report: a program writes to it,
// and keeps it open.
const inFile = unix.IN_MODIFY

// notifier receives the kernel's events about folders and files.
type notifier struct {
	changed wake.Signal // something happened
	writing wake.Signal // a program writes to a file, and has not closed it yet
	fd      int
	file    *os.File // with fd
	reading sync.WaitGroup

	watches map[string]int // by path
}

func newNotifier() (*notifier, error) {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return nil, err
	}
	n := &notifier{changed: wake.NewSignal(), writing: wake.NewSignal(), fd: fd, file: os.NewFile(uintptr(fd), "inotify"), watches: map[string]int{}}
	n.reading.Go(n.read)
	return n, nil
}

func (n *notifier) close() {
	_ = n.file.Close()
	n.reading.Wait()
}

// read signals until the notifier is closed.
func (n *notifier) read() {
	var records [4 << 10]byte
	for {
		size, err := n.file.Read(records[:])
		if err != nil {
			return
		}
		changed, writing := changesIn(records[:size])
		if changed {
			n.changed.Set()
		} else if writing {
			n.writing.Set()
		}
	}
}

// changesIn reports whether one of inotify's records is a change, and whether one is a
// write to a file that may not be over. The end of a watch is neither. A record is the
// watch, mask, cookie and length of the name, four bytes each, and the name.
func changesIn(records []byte) (changed, writing bool) {
	for len(records) >= unix.SizeofInotifyEvent {
		mask := binary.NativeEndian.Uint32(records[4:])
		changed = changed || mask&^(inFile|unix.IN_IGNORED) != 0
		writing = writing || mask&inFile != 0
		end := unix.SizeofInotifyEvent + int(binary.NativeEndian.Uint32(records[12:]))
		records = records[min(end, len(records)):]
	}
	return changed, writing
}

// set watches these folders and files, and no others. A path that leads to another folder
// or file by now is watched anew. late is called for a folder that cannot be watched.
func (n *notifier) set(folders, files []string, late func(folder string, err error)) {
	before := n.watches
	n.watches = map[string]int{}
	for _, folder := range folders {
		if err := n.add(folder, inFolder); err != nil {
			late(folder, err)
		}
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() {
			_ = n.add(file, inFile) // its folder is watched all the same
		}
	}
	used := map[int]bool{}
	for _, watch := range n.watches {
		used[watch] = true
	}
	for _, watch := range before {
		if !used[watch] {
			_, _ = unix.InotifyRmWatch(n.fd, uint32(watch)) // an error means that it has ended
		}
	}
}

func (n *notifier) add(path string, events uint32) error {
	watch, err := unix.InotifyAddWatch(n.fd, path, events)
	if err != nil {
		return err
	}
	n.watches[path] = watch
	return nil
}
