package holder

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// lockFolders are where serial programs of old leave their lock files.
var lockFolders = []string{"run/lock", "var/lock"}

// Of tells who has these devices, keyed by the path that was asked for; a device
// that nobody has is missing. It prefers who locks a device to who has it open.
// root is the folder with proc in it, "/" but in tests.
func Of(root string, devices ...string) map[string]Process {
	found := map[string]Process{}
	table, _ := os.ReadFile(filepath.Join(root, "proc/locks"))
	real := map[string]string{} // path behind links to the path asked for
	for _, device := range devices {
		if pid := locker(root, table, device); pid != 0 {
			found[device] = process(root, pid)
		} else if path, err := filepath.EvalSymlinks(device); err == nil {
			real[path] = device
		}
	}
	for path, pid := range openers(root, real) {
		found[real[path]] = process(root, pid)
	}
	return found
}

func locker(root string, table []byte, device string) (pid int) {
	var stat unix.Stat_t
	if unix.Stat(device, &stat) == nil {
		// Whoever took the lock may have ended, and left the open file to another:
		// a script that calls flock does so.
		if pid = flockHolder(table, uint64(stat.Dev), stat.Ino); !runs(root, pid) {
			pid = 0
		}
	}
	for _, folder := range lockFolders {
		if pid == 0 {
			pid = lockFile(root, filepath.Join(root, folder, "LCK.."+filepath.Base(device)))
		}
	}
	return pid
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

// lockFile reads a UUCP lock file; 0 if there is none or its program has ended:
//
//	4242
func lockFile(root, path string) (pid int) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, err = strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 0 || !runs(root, pid) {
		return 0
	}
	return pid
}

func runs(root string, pid int) bool {
	_, err := os.Stat(filepath.Join(root, "proc", strconv.Itoa(pid)))
	return err == nil
}

// openers finds programs other than this one that have one of the paths open.
func openers(root string, paths map[string]string) map[string]int {
	found := map[string]int{}
	if len(paths) == 0 {
		return found
	}
	links, _ := filepath.Glob(filepath.Join(root, "proc/[0-9]*/fd/*"))
	for _, link := range links {
		target, err := os.Readlink(link)
		if _, asked := paths[target]; err != nil || !asked || found[target] != 0 {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(link))))
		if pid != os.Getpid() {
			found[target] = pid
		}
	}
	return found
}

func process(root string, pid int) Process {
	name, _ := os.ReadFile(filepath.Join(root, "proc", strconv.Itoa(pid), "comm"))
	return Process{PID: pid, Name: string(bytes.TrimSpace(name))}
}
