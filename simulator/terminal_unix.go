//go:build linux || darwin

package simulator

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// terminal is the board's end of a pty. Only the program under test holds the
// other end, so that its last close shows here, as does the next open.
type terminal struct {
	file *os.File // the master, non-blocking and in the runtime's poller
	raw  syscall.RawConn
	path string // of the other end, such as /dev/pts/4

	writing sync.Mutex // keeps writeNow from mistaking the open of release for a program's
	closing sync.Once
	gone    chan struct{} // closed by close
}

func openTerminal() (*terminal, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, fmt.Errorf("open a pty: %w", err)
	}
	defer master.Close()
	defer slave.Close()
	if err := makeRaw(int(slave.Fd())); err != nil {
		return nil, fmt.Errorf("set %s raw: %w", slave.Name(), err)
	}
	file, err := pollable(master)
	if err != nil {
		return nil, fmt.Errorf("open a pty: %w", err)
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open a pty: %w", err), file.Close())
	}
	return &terminal{file: file, raw: raw, path: slave.Name(), gone: make(chan struct{})}, nil
}

// pollable duplicates the descriptor: the package pty has made its own blocking,
// and a Read of that would not end with Close.
func pollable(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// makeRaw lets bytes pass as they are, without echo, as on a wire. The settings
// stay with the pty until the program under test sets its own.
func makeRaw(fd int) error {
	t, err := unix.IoctlGetTermios(fd, getTermios)
	if err != nil {
		return err
	}
	t.Iflag, t.Oflag, t.Lflag = 0, 0, 0
	t.Cflag = t.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8 | unix.CREAD | unix.CLOCAL
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, setTermios, t)
}

// inUse reports whether a program has the port open now, or has left bytes in
// it.
func (t *terminal) inUse() bool {
	events := t.poll()
	return events&unix.POLLHUP == 0 || events&unix.POLLIN != 0
}

func (t *terminal) poll() (events int16) {
	events = unix.POLLHUP // the event of a closed file
	_ = t.raw.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		if uninterrupted(func() error { _, err := unix.Poll(fds, 0); return err }) == nil {
			events = fds[0].Revents
		}
	})
	return events
}

// read waits for bytes. It fails when the last program closes the port
// (EIO on Linux, EOF on macOS), when close is called, and while paused.
func (t *terminal) read(p []byte) (int, error) { return t.file.Read(p) }

// pause ends a waiting read and all further ones until resume.
func (t *terminal) pause()  { _ = t.file.SetReadDeadline(time.Unix(1, 0)) }
func (t *terminal) resume() { _ = t.file.SetReadDeadline(time.Time{}) }

// writeNow writes what fits at once, and nothing while the port is not open.
func (t *terminal) writeNow(p []byte) int {
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.poll()&unix.POLLHUP != 0 {
		return 0
	}
	n := 0
	_ = t.raw.Write(func(fd uintptr) bool {
		_ = uninterrupted(func() (err error) { n, err = unix.Write(int(fd), p); return err })
		return true
	})
	return max(n, 0)
}

// uninterrupted repeats a call after a signal. The runtime sends itself signals
// to preempt goroutines, and the kernel does not restart a poll.
func uninterrupted(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}

// writeAll waits for a reader with room. What the pty holds may wait there for a
// later program. It fails when close is called.
func (t *terminal) writeAll(p []byte) (int, error) { return t.file.Write(p) }

// release gives the port the state that a real one has after its last close:
// open to every program and, unless keep is set, with nothing in it for the next
// one. Only the other end can do that, so it is opened for a moment. release
// reports whether that worked. It fails after the kill of a program that had the
// port exclusively (TIOCEXCL, which serial libraries use): then only root can open it.
func (t *terminal) release(keep bool) bool {
	t.writing.Lock()
	defer t.writing.Unlock()
	if t.poll()&unix.POLLHUP == 0 {
		return true // the next program is already here: what comes now is for it
	}
	if !keep {
		_ = t.raw.Control(func(fd uintptr) { _ = flush(int(fd), outputQueue) })
	}
	fd, err := unix.Open(t.path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return err != unix.EBUSY || t.poll()&unix.POLLHUP == 0
	}
	defer unix.Close(fd)
	_ = unix.IoctlSetInt(fd, unix.TIOCNXCL, 0)
	if !keep {
		_ = flush(fd, inputQueue)
	}
	return true
}

// unread counts the printed bytes that no program has read. It reads them out
// and puts them back. The kernel moves bytes from one end to the other in the
// background, and an ioctl does not see those on their way; a read that finds
// nothing waits for them.
func (t *terminal) unread() (int, error) {
	fd, err := unix.Open(t.path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("open %s: %w", t.path, err)
	}
	defer unix.Close(fd)
	var left []byte
	chunk := make([]byte, 4096)
	for {
		n := 0
		err := uninterrupted(func() (err error) { n, err = unix.Read(fd, chunk); return err })
		if n <= 0 && (err == nil || err == unix.EAGAIN) {
			return t.writeAll(left)
		}
		if err != nil {
			return 0, fmt.Errorf("read %s: %w", t.path, err)
		}
		left = append(left, chunk[:n]...)
	}
}

// close removes the port: a program that has it open sees a hang-up.
func (t *terminal) close() {
	t.closing.Do(func() {
		close(t.gone)
		_ = t.file.Close()
	})
}
