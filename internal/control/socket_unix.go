//go:build unix

package control

import (
	"io/fs"
	"syscall"
)

// errRefused is the error of dialling a socket without a listener.
const errRefused = syscall.ECONNREFUSED

func isSocket(info fs.FileInfo) bool { return info.Mode()&fs.ModeSocket != 0 }
