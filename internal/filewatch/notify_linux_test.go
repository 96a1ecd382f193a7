package filewatch

import (
	"os"
	"path/filepath"
	"testing"

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
	w := start(t, file)
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
