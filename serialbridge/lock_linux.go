package serialbridge

import (
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/portowner"
)

const getTermios, setTermios = unix.TCGETS, unix.TCSETS

// ownerOf names the program that locks the device, or else one that has it
// open.
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

// closeOnExec marks every descriptor of ours on the device, those of the library
// among them, which it does not give out.
func (l *portLock) closeOnExec() {
	var device, file unix.Stat_t
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil || unix.Fstat(l.fd, &device) != nil {
		return // without /proc it is as with other programs that use the library
	}
	for _, entry := range open {
		fd, _ := strconv.Atoi(entry.Name())
		if unix.Fstat(fd, &file) == nil && file.Dev == device.Dev && file.Ino == device.Ino {
			unix.CloseOnExec(fd)
		}
	}
}

// briefOpen is how long a program may have the device without being one that reads it:
// one that asks what the port is, or that was started this moment.
const briefOpen = 50 * time.Millisecond

// otherOwner names another program that has the device open although it is ours, as
// one that was there before and takes no lock; "" is nobody that can be seen.
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
