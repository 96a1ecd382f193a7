package logging

import (
	"os"

	"golang.org/x/sys/windows"
)

// understandsColours switches the console to colours and reports whether it can.
func understandsColours(f *os.File) bool {
	var mode uint32
	console := windows.Handle(f.Fd())
	return windows.GetConsoleMode(console, &mode) == nil &&
		windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
