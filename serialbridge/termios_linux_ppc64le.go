package serialbridge

import "golang.org/x/sys/unix"

// TCGETS knows all rates here.
const getTermios, setTermios = unix.TCGETS, unix.TCSETS
