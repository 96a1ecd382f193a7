package simulator

import "golang.org/x/sys/unix"

const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA

	inputQueue  = 1 // FREAD of <sys/fcntl.h>
	outputQueue = 2 // FWRITE
)

func flush(fd, queue int) error { return unix.IoctlSetPointerInt(fd, unix.TIOCFLUSH, queue) }
