package simulator

import "golang.org/x/sys/unix"

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS

	inputQueue  = unix.TCIFLUSH
	outputQueue = unix.TCOFLUSH
)

func flush(fd, queue int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, queue) }
