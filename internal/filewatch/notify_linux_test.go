package filewatch

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What the spool writes to its files makes no event for the files next to them. The kernel
// has an event ready when a write returns.
func TestNotifier_DoesNotSeeWritesToOtherFiles(t *testing.T) {
	dir := t.TempDir()
	config, segment := filepath.Join(dir, "devices.yaml"), filepath.Join(dir, "0001.seg")
	put(t, config, "old")
	put(t, segment, "")
	spool, err := os.OpenFile(segment, os.O_RDWR, 0)
	must(t, err)
	defer spool.Close()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	must(t, err)
	defer unix.Close(fd)
	n := &notifier{fd: fd}
	n.set([]string{dir}, []string{config, filepath.Join(dir, "missing")}, func(_ string, err error) { t.Error(err) })
	events := func() bool {
		ready, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
		must(t, err)
		return ready > 0
	}
	for range 100 {
		_, err := spool.WriteString("t=1\n")
		must(t, err)
		must(t, spool.Sync())
	}
	if events() {
		t.Error("a write to another file makes an event")
	}
	put(t, config, "new")
	if !events() {
		t.Error("a write to the file makes no event")
	}
}

// A program may write to the file and keep it open, also after the file was replaced.
func TestWatcher_FileThatStaysOpen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "devices.yaml")
	put(t, file, "old")
	w := start(t, file, func(w *Watcher) { w.most = 100 * time.Millisecond })
	w.expect(t, "the watch", func() { put(t, file, fresh()) })
	for range 2 {
		open, err := os.OpenFile(file, os.O_WRONLY, 0)
		must(t, err)
		w.once(t, "a write", func() {
			_, err := open.WriteString(fresh())
			must(t, err)
		})
		w.once(t, "a replacement", func() {
			put(t, file+".new", fresh())
			must(t, os.Rename(file+".new", file))
		})
		must(t, open.Close())
	}
}

// cp empties the file and then writes it. The end of that is a change; before it, the file
// may be empty.
func TestChangesIn_DistinguishesAWriteFromItsEnd(t *testing.T) {
	record := func(mask uint32, name string) []byte {
		head := make([]byte, unix.SizeofInotifyEvent)
		binary.NativeEndian.PutUint32(head[4:], mask)
		binary.NativeEndian.PutUint32(head[12:], uint32(len(name)))
		return append(head, name...)
	}
	write, end, over := record(unix.IN_MODIFY, ""), record(unix.IN_CLOSE_WRITE, "devices.yaml\x00\x00\x00\x00"), record(unix.IN_IGNORED, "")
	for name, c := range map[string]struct {
		records          []byte
		changed, writing bool
	}{
		"none":               {nil, false, false},
		"a write":            {write, false, true},
		"its end":            {slices.Concat(write, end), true, true},
		"the end of a watch": {over, false, false},
		"lost events":        {record(unix.IN_Q_OVERFLOW, ""), true, false},
		"cut":                {end[:20], true, false},
	} {
		if changed, writing := changesIn(c.records); changed != c.changed || writing != c.writing {
			t.Errorf("%s: changed %v, writing %v", name, changed, writing)
		}
	}
}
