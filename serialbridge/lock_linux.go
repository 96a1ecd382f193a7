package serialbridge

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/portowner"
)

// TCGETS knows only the usual rates, and would not restore 74880 or 250000.
const getTermios, setTermios = unix.TCGETS2, unix.TCSETS2

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
	return !likeNew(*l.before, isPty(device.Rdev))
}

// closeOnExec marks all our descriptors of the device. The library does not
// return its own.
func (l *portLock) closeOnExec() {
	var device, file unix.Stat_t
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil || unix.Fstat(l.fd, &device) != nil {
		return // without /proc the port stays inheritable, as in other programs with this library
	}
	for _, entry := range open {
		fd, _ := strconv.Atoi(entry.Name())
		if unix.Fstat(fd, &file) == nil && file.Dev == device.Dev && file.Ino == device.Ino {
			unix.CloseOnExec(fd)
		}
	}
}

// briefOpen is how long a program may have the device open without being a
// reader: one that asks what the port is, or that was started this moment.
const briefOpen = 50 * time.Millisecond

// otherOwner names another program that has the device open although we lock it:
// one that was there before and takes no lock. "" means none can be seen.
func otherOwner(device string) string {
	first := portowner.Others("/", device)
	if len(first) == 0 {
		return ""
	}
	time.Sleep(briefOpen)
	for _, process := range portowner.Others("/", device) {
		if slices.Contains(first, process) {
			return process.String()
		}
	}
	return ""
}
