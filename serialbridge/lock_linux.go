package serialbridge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/portowner"
)

// keepRate gives the settings the rates of others.
func keepRate(to, from *unix.Termios) {
	const rates = unix.CBAUD | unix.CIBAUD
	to.Cflag = to.Cflag&^rates | from.Cflag&rates
	to.Ispeed, to.Ospeed = from.Ispeed, from.Ospeed
}

// ownerOf names the program that locks the device, or else one that has it open.
func ownerOf(device string) string {
	all := portowner.Of("/", device)[device]
	switch {
	case len(all) == 0:
		return unknownOwner
	case all[0].PID == os.Getpid():
		return "this gateway, for another device"
	}
	return all[0].String()
}

// claim writes the lock file of the device. root is the folder that holds run.
func (l *portLock) claim(root string) error {
	unclaim, err := portowner.Claim(root, l.path)
	if held, ok := errors.AsType[*portowner.HeldError](err); ok {
		return fmt.Errorf("%w by %s", ErrInUse, held.Process)
	}
	l.unclaim = unclaim
	return err
}

// unlikeNew reports whether the settings show that another program uses the
// device, or has used it since it was plugged in.
func (l *portLock) unlikeNew() bool {
	var device unix.Stat_t
	if l.before == nil || unix.Fstat(l.fd, &device) != nil || ownDevices.justClosed(l.fd, time.Now()) {
		return false
	}
	return !likeNew(*l.before, isPty(uint64(device.Rdev)))
}

// needed are the descriptors of an open port and its session, and some for the files
// and connections of everything else.
const needed = 5 + 27

// checkRoom returns EMFILE or ENFILE if so many descriptors are not left. Without this
// check the first one of a port would open the device, and so reset its board, again
// with each attempt.
func checkRoom() error {
	for range needed {
		fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
	}
	return nil
}

// lowestFree returns the lowest number that no descriptor has at the moment.
func (l *portLock) lowestFree() int {
	fd, err := unix.FcntlInt(uintptr(l.fd), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	unix.Close(fd)
	return fd
}

// nearby is how many numbers above the lowest free one the library's descriptor is
// looked for: so many may be taken by others in between.
const nearby = 64

// closeOnExec marks the library's descriptor of the device, which the library does not
// return. It was opened when from was the lowest free number. To look at all descriptors
// of this program would take longer with each port.
func (l *portLock) closeOnExec(from int) {
	for fd := from; fd < from+nearby; fd++ {
		if fd != l.fd && l.isDevice(fd) {
			unix.CloseOnExec(fd)
			return
		}
	}
	open, _ := os.ReadDir("/proc/self/fd") // without /proc the port stays inheritable, as in other programs with this library
	for _, entry := range open {
		if fd, _ := strconv.Atoi(entry.Name()); l.isDevice(fd) {
			unix.CloseOnExec(fd)
		}
	}
}

// isDevice reports whether a descriptor is one of the locked device.
func (l *portLock) isDevice(fd int) bool {
	var device, file unix.Stat_t
	return unix.Fstat(l.fd, &device) == nil && unix.Fstat(fd, &file) == nil && file.Dev == device.Dev && file.Ino == device.Ino
}

// otherOwner names another program that has the device open although we lock it:
// one that was there before and takes no lock. It looks twice, because a program
// that asks what the port is, or that was started this moment, is not a reader. ""
// means none can be seen. It takes a moment.
func otherOwner(ctx context.Context, device string, opened time.Time) string {
	first := portowner.Others(ctx, device, opened)
	if len(first) == 0 {
		return ""
	}
	for _, process := range portowner.Others(ctx, device, time.Now()) {
		if slices.Contains(first, process) {
			return process.String()
		}
	}
	return ""
}
