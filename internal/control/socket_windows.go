package control

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// errRefused is the error of dialling a socket without a listener.
const errRefused = windows.WSAECONNREFUSED

// isSocket checks for a reparse point, which sockets are on Windows.
func isSocket(info fs.FileInfo) bool {
	return info.Mode()&(fs.ModeSocket|fs.ModeIrregular) != 0
}
