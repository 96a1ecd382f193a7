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
	process, known := holder.Of("/", device)[device]
	switch {
	case !known:
		return unknownHolder
	case process.PID == os.Getpid():
		return "this gateway, for another device"
	}
	return process.String()
}
