package control

import (
	"io/fs"

	"golang.org/x/sys/windows"
)

// errRefused is what dialling a socket without a listener gives.
const errRefused = windows.WSAECONNREFUSED

// isSocket goes by the reparse point that a socket is on Windows.
func isSocket(info fs.FileInfo) bool {
	return info.Mode()&(fs.ModeSocket|fs.ModeIrregular) != 0
}
