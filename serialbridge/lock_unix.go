//go:build unix

package serialbridge

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// portLock is a descriptor of our own on the device, locked with flock(2).
//
// Why the device and not only a file in /run/lock: serial monitors lock the
// device too, a crash leaves nothing stale behind, and no directory has to be
// writable. The file comes on top, for programs that know no other lock.
// Why before the port is opened: the exclusive mode of the library would keep
// out our own second open, and a program that finds the lock taken has changed
// no setting yet.
//
// DTR goes up with the first open of a device and down with its last close, and
// an Uno resets each time it goes up. The descriptor of the lock is opened first
// and closed last, so that the two make one pulse together, as one open would.
// An attempt that finds the port locked makes none, since its owner has it open.
type portLock struct {
	path string // the device itself, links resolved: what is locked is what is opened
	file *os.File
	fd   int // of file; file.Fd would make it blocking

	before      *unix.Termios // the settings before ours; nil: not a terminal, or not locked
	keepsHangUp bool          // the close leaves HUPCL as it is
	unclaim     func()        // removes the lock file; nil: none
}

// lockPort locks the device behind path. If another program has it, the error
// names that program.
func lockPort(path string) (*portLock, error) {
	device, err := filepath.EvalSymlinks(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, missingError(path)
	case err != nil:
		return nil, err
	}
	if err := checkRoom(); err != nil {
		return nil, err
	}
	fd, err := openQuietly(device)
	if err != nil {
		return nil, err
	}
	lock := &portLock{path: device, file: os.NewFile(uintptr(fd), device), fd: fd}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer lock.release()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w by %s", ErrInUse, lock.holder())
		}
		return nil, fmt.Errorf("lock: %w", err)
	}
	if err := lock.claim("/"); err != nil {
		defer lock.release()
		return nil, err
	}
	lock.save()
	return lock, nil
}

// missingError is the path of a port that is not there.
type missingError string

func (e missingError) Error() string { return string(e) + " does not exist" }
func (missingError) Unwrap() error   { return fs.ErrNotExist }

// openQuietly opens without waiting for a carrier and without making the device
// a controlling terminal.
func openQuietly(device string) (int, error) {
	for {
		fd, err := unix.Open(device, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		switch {
		case err == nil:
			return fd, nil
		case errors.Is(err, unix.EINTR):
		case errors.Is(err, unix.EBUSY):
			return 0, fmt.Errorf("%w by %s", ErrInUse, ownerOf(device))
		case errors.Is(err, unix.ENXIO), errors.Is(err, unix.ENODEV):
			return 0, fmt.Errorf("%w: %w", unix.ENOENT, err) // the node outlived its device
		default:
			return 0, err
		}
	}
}

// release puts the settings back, unlocks by closing, and removes the lock file.
func (l *portLock) release() error {
	l.restore()
	if l.unclaim != nil {
		defer l.unclaim()
	}
	return l.file.Close()
}

// setHangUp sets HUPCL: whether the last close lowers DTR and RTS. The kernel
// keeps this setting of a device for the next program.
func (l *portLock) setHangUp(on bool) error {
	mode, err := unix.IoctlGetTermios(l.fd, getTermios)
	if err != nil {
		return err
	}
	if on {
		mode.Cflag |= unix.HUPCL
	} else {
		mode.Cflag &^= unix.HUPCL
	}
	return unix.IoctlSetTermios(l.fd, setTermios, mode)
}

// unsent returns how many bytes the driver holds for the board. A USB driver
// counts what the chip has not taken; the buffer of the chip does not count. A
// pseudo-terminal holds none.
func (l *portLock) unsent() int {
	n, err := unix.IoctlGetInt(l.fd, unix.TIOCOUTQ)
	if err != nil {
		return 0
	}
	return n
}

// holder names the program that has the port, if it can be seen.
func (l *portLock) holder() string { return ownerOf(l.path) }

const unknownOwner = "another program"
