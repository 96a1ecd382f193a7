package serialbridge

import (
	"os"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/holder"
)

const getTermios, setTermios = unix.TCGETS, unix.TCSETS

// wakeWriter wakes a write that sleeps in the kernel after its buffer was
// discarded. The discard alone wakes nobody; stopping and starting the output
// does, and any descriptor of the device will do for it.
func (l *portLock) wakeWriter() {
	unix.IoctlSetInt(l.fd, unix.TCXONC, unix.TCOOFF)
	unix.IoctlSetInt(l.fd, unix.TCXONC, unix.TCOON)
}

// holderOf names the program that locks the device, or else one that has it
// open.
func holderOf(device string) string {
	process, known := holder.Of("/", device)[device]
	switch {
	case !known:
		return unknownHolder
	case process.PID == os.Getpid():
		return "this gateway, for another device"
	}
	return process.String()
}
