package serialbridge

import (
	"os"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/holder"
)

const getTermios, setTermios = unix.TCGETS, unix.TCSETS

// holderOf names the program that locks the device, or else one that has it
// open.
func holderOf(device string) string {
	all := holder.Of("/", device)[device]
	switch {
	case len(all) == 0:
		return unknownHolder
	case all[0].PID == os.Getpid():
		return "this gateway, for another device"
	}
	return all[0].String()
}

// sharerOf names another program that has the device open although it is ours, as
// one that was there before and takes no lock; "" is nobody that can be seen.
func sharerOf(device string) string {
	for _, process := range holder.Of("/", device)[device] {
		if process.PID != os.Getpid() {
			return process.String()
		}
	}
	return ""
}
