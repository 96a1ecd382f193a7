package ports

import (
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// knownNoTerminal reports whether no driver of terminals has the device. If the drivers
// cannot be read, it is not known.
func (m Machine) knownNoTerminal(info fs.FileInfo) bool {
	drivers, err := os.ReadFile(m.path("proc/tty/drivers"))
	stat, ok := info.Sys().(*syscall.Stat_t)
	if err != nil || !ok {
		return false
	}
	return !terminalOf(string(drivers), unix.Major(uint64(stat.Rdev)), unix.Minor(uint64(stat.Rdev)))
}

// terminalOf reports whether a driver has the device. A line is a driver, the beginning
// of its paths, its major number, its minor numbers and its type:
//
//	pty_slave            /dev/pts      136 0-1048575 pty:slave
//	/dev/tty             /dev/tty        5       0 system:/dev/tty
func terminalOf(drivers string, major, minor uint32) bool {
	for line := range strings.Lines(drivers) {
		fields := strings.Fields(line)
		if len(fields) < 5 || fields[2] != strconv.Itoa(int(major)) {
			continue
		}
		first, last, isRange := strings.Cut(fields[3], "-")
		if !isRange {
			last = first
		}
		low, lowErr := strconv.ParseUint(first, 10, 32)
		high, highErr := strconv.ParseUint(last, 10, 32)
		if lowErr != nil || highErr != nil || uint64(minor) >= low && uint64(minor) <= high {
			return true // also if the line is not understood
		}
	}
	return false
}
