//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package logging

import (
	"os"

	"golang.org/x/sys/unix"
)

// isTerminal asks for the settings that only a terminal has.
func isTerminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TIOCGETA)
	return err == nil
}
