package logging

import (
	"os"

	"golang.org/x/sys/windows"
)

// isTerminal is true for a console that could be told to understand colours.
func isTerminal(f *os.File) bool {
	var mode uint32
	console := windows.Handle(f.Fd())
	if windows.GetConsoleMode(console, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
