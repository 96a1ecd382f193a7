package portowner

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// lockFolders are where serial programs of old leave their lock files.
var lockFolders = []string{"run/lock", "var/lock"}

// Of tells who has these devices, keyed by the path that was asked for; a device
// that nobody has is missing. Who locks a device comes before those who have it
// open, among whom this program is never.
// root is the folder with proc in it, "/" but in tests.
func Of(root string, devices ...string) map[string][]Process {
	found := map[string][]Process{}
	table, _ := os.ReadFile(filepath.Join(root, "proc/locks"))
	var files []file
	for _, device := range devices {
		if pid := locker(root, table, device); pid != 0 {
			found[device] = []Process{process(root, pid)}
		}
		f := file{asked: device}
		if unix.Stat(device, &f.stat) == nil {
			f.path, _ = filepath.EvalSymlinks(device)
			files = append(files, f)
		}
	}
	for device, pids := range openers(root, files) {
		for _, pid := range pids {
			if who := process(root, pid); !slices.Contains(found[device], who) {
				found[device] = append(found[device], who)
			}
		}
	}
	return found
}

// Others tells who has a device beside this program, in the order of [Of].
func Others(root, device string) []Process {
	return slices.DeleteFunc(Of(root, device)[device], func(p Process) bool { return p.PID == os.Getpid() })
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

// file is a device as it is named, and which it is.
type file struct {
	asked string
	path  string // behind links
	stat  unix.Stat_t
}

// openers finds programs other than this one that have one of the files open. A
// program in a container may have it under another name, and something else under
// this one.
func openers(root string, files []file) map[string][]int {
	found := map[string][]int{}
	if len(files) == 0 {
		return found
	}
	links, _ := filepath.Glob(filepath.Join(root, "proc/[0-9]*/fd/*"))
	for _, link := range links {
		target, err := os.Readlink(link)
		named := func(f file) bool { return f.path == target }
		if err != nil || !strings.HasPrefix(target, "/dev/") && !slices.ContainsFunc(files, named) {
			continue // to stat them all could hang, at a file server that is gone
		}
		var open unix.Stat_t
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(link))))
		if pid == os.Getpid() || unix.Stat(link, &open) != nil {
			continue
		}
		for _, f := range files {
			if same(open, f.stat) {
				found[f.asked] = append(found[f.asked], pid)
			}
		}
	}
	return found
}

// same tells whether two are one device. Several nodes may have its number, but
// each devpts counts its own pseudo-terminals from 0.
func same(a, b unix.Stat_t) bool {
	if a.Dev == b.Dev && a.Ino == b.Ino {
		return true
	}
	pty := unix.Major(a.Rdev) >= 136 && unix.Major(a.Rdev) <= 143
	return a.Mode&unix.S_IFMT == unix.S_IFCHR && b.Mode&unix.S_IFMT == unix.S_IFCHR && a.Rdev == b.Rdev && !pty
}

func process(root string, pid int) Process {
	name, _ := os.ReadFile(filepath.Join(root, "proc", strconv.Itoa(pid), "comm"))
	return Process{PID: pid, Name: string(bytes.TrimSpace(name))}
}
