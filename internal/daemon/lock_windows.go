package daemon

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock locks a file, and reports whether another process has it.
func lock(file *os.File) (taken bool) {
	const now = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	err := windows.LockFileEx(windows.Handle(file.Fd()), now, 0, 1, 0, new(windows.Overlapped))
	return errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
