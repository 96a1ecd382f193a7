package portowner

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Of returns the programs that have these devices, keyed by the path as given. A
// device that no program has is missing. The program that locks a device comes
// before those that have it open; this program is never among the latter. root
// is the folder that holds proc: "/", except in tests.
func Of(root string, devices ...string) map[string][]Process {
	owners := map[string][]Process{}
	table, _ := os.ReadFile(filepath.Join(root, "proc/locks"))
	var files []file
	for _, device := range devices {
		if pid := lockOwner(root, table, device); pid != 0 {
			owners[device] = []Process{process(root, pid)}
		}
		f := file{asked: device}
		if unix.Stat(device, &f.stat) == nil {
			f.path, _ = filepath.EvalSymlinks(device)
			files = append(files, f)
		}
	}
	for device, pids := range openers(root, files) {
		for _, pid := range pids {
			if who := process(root, pid); !slices.Contains(owners[device], who) {
				owners[device] = append(owners[device], who)
			}
		}
	}
	return owners
}

// Others returns the other programs that have a device, in the order of [Of].
func Others(root, device string) []Process {
	return slices.DeleteFunc(Of(root, device)[device], func(p Process) bool { return p.PID == os.Getpid() })
}

// Look returns whether other programs have a device, and those that were seen, in
// the order of [Of].
func Look(root, device string) (State, []Process) {
	others := Others(root, device)
	switch {
	case len(others) > 0:
		return Owned, others
	case SeesAll(root):
		return Free, nil
	}
	return Unknown, nil
}

// initialPIDs is the link of the namespace that has all processes; the kernel
// fixes its number. A container has one of its own.
const initialPIDs = "pid:[4026531836]"

// SeesAll reports whether the open files of all programs can be seen, so that a
// device that none of them has is free. A user other than root sees only their
// own, and a container shows no program outside of it.
func SeesAll(root string) bool {
	if space, err := os.Readlink(filepath.Join(root, "proc/self/ns/pid")); err != nil || space != initialPIDs {
		return false
	}
	if _, err := os.Stat(filepath.Join(root, "proc/1")); err != nil {
		return false // hidepid hides the programs of others
	}
	folders, _ := filepath.Glob(filepath.Join(root, "proc/[0-9]*/fd"))
	return !slices.ContainsFunc(folders, func(folder string) bool {
		fd, err := os.Open(folder)
		if err == nil {
			fd.Close()
		}
		return errors.Is(err, fs.ErrPermission) // or the program has ended
	})
}

func lockOwner(root string, table []byte, device string) (pid int) {
	var stat unix.Stat_t
	if unix.Stat(device, &stat) == nil {
		// The program that took the lock may have ended and left the open file
		// to another: a script that calls flock does so.
		if pid = flockOwner(table, uint64(stat.Dev), stat.Ino); !runs(root, pid) {
			pid = 0
		}
	}
	if pid == 0 {
		pid = lockFileOwner(root, device)
	}
	return pid
}

// flockOwner returns the program that holds the flock on an inode, 0 for none. A
// line of the table has the device number of the file in hexadecimal:
//
//	7: FLOCK  ADVISORY  WRITE 4242 00:05:391 0 EOF
func flockOwner(table []byte, dev, inode uint64) (pid int) {
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

// runs reports whether a program runs. With hidepid it may be missing in /proc.
func runs(root string, pid int) bool {
	_, err := os.Stat(filepath.Join(root, "proc", strconv.Itoa(pid)))
	return err == nil || root == "/" && pid > 0 && errors.Is(unix.Kill(pid, 0), unix.EPERM)
}

// file is a device, by name and by number.
type file struct {
	asked string
	path  string // behind links
	stat  unix.Stat_t
}

// openers returns the other programs that have one of the files open. A program
// in a container may have it under another name, and another device under this
// name.
func openers(root string, files []file) map[string][]int {
	owners := map[string][]int{}
	if len(files) == 0 {
		return owners
	}
	links, _ := filepath.Glob(filepath.Join(root, "proc/[0-9]*/fd/*"))
	for _, link := range links {
		target, err := os.Readlink(link)
		named := func(f file) bool { return f.path == target }
		if err != nil || !strings.HasPrefix(target, "/dev/") && !slices.ContainsFunc(files, named) {
			continue // to stat them all could hang on a dead file server
		}
		var open unix.Stat_t
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(link))))
		if pid == os.Getpid() || unix.Stat(link, &open) != nil {
			continue
		}
		for _, f := range files {
			if same(open, f.stat) {
				owners[f.asked] = append(owners[f.asked], pid)
			}
		}
	}
	return owners
}

// same reports whether two files are one device. Several nodes may have its
// number, but each devpts counts its own pseudo-terminals from 0.
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
