package serialbridge

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const getTermios, setTermios = unix.TCGETS, unix.TCSETS

// wakeWriter wakes a write that sleeps in the kernel after its buffer was
// discarded. The discard alone wakes nobody; stopping and starting the output
// does, and any descriptor of the device will do for it.
func (l *portLock) wakeWriter() {
	unix.IoctlSetInt(l.fd, unix.TCXONC, unix.TCOOFF)
	unix.IoctlSetInt(l.fd, unix.TCXONC, unix.TCOON)
}

// holderOf names the program that locks the device, or else one that has it
// open. /proc/locks tells everybody about everybody; /proc/PID/fd only one's own
// programs, or all of them to root.
func holderOf(device string) string {
	pid := 0
	var stat unix.Stat_t
	if table, err := os.ReadFile("/proc/locks"); err == nil && unix.Stat(device, &stat) == nil {
		pid = flockHolder(table, uint64(stat.Dev), stat.Ino)
	}
	if pid == 0 {
		pid = opener(device)
	}
	return programName(pid)
}

// flockHolder finds who holds the flock on an inode; 0 is nobody. A line of
// the table, with the file's device number in hexadecimal:
//
//	7: FLOCK  ADVISORY  WRITE 4242 00:05:391 0 EOF
func flockHolder(table []byte, dev, inode uint64) (pid int) {
	file := fmt.Sprintf("%02x:%02x:%d", unix.Major(dev), unix.Minor(dev), inode)
	for line := range bytes.Lines(table) {
		fields := strings.Fields(string(line))
		if len(fields) >= 6 && fields[1] == "FLOCK" && fields[5] == file {
			pid, _ = strconv.Atoi(fields[4])
			return pid
		}
	}
	return 0
}

// opener finds a program other than this one that has the device open.
func opener(device string) (pid int) {
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || target != device {
			continue
		}
		pid, _ := strconv.Atoi(strings.Split(link, "/")[2])
		if pid != os.Getpid() {
			return pid
		}
	}
	return 0
}

func programName(pid int) string {
	switch pid {
	case 0:
		return unknownHolder
	case os.Getpid():
		return "this gateway, for another device"
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return fmt.Sprintf("pid %d", pid)
	}
	return fmt.Sprintf("%s (pid %d)", bytes.TrimSpace(name), pid)
}
