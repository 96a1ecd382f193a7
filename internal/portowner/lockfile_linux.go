package portowner

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// lockFolders hold the lock files of UUCP, minicom and other serial programs.
// One is usually a link to the other.
var lockFolders = []string{"run/lock", "var/lock"}

// lockNames returns the names that programs give the lock file of a device. They
// differ below /dev: /dev/pts/3 is LCK..3 or LCK..pts_3.
func lockNames(root, device string) []string {
	names := []string{"LCK.." + filepath.Base(device)}
	below, err := filepath.Rel(filepath.Join(root, "dev"), device)
	if err == nil && !strings.HasPrefix(below, "..") && strings.Contains(below, "/") {
		names = append(names, "LCK.."+strings.ReplaceAll(below, "/", "_"))
	}
	return names
}

// lockFileOwner returns the running program that a lock file of the device names,
// 0 for none.
func lockFileOwner(root, device string) (pid int) {
	for _, folder := range lockFolders {
		for _, name := range lockNames(root, device) {
			if pid = lockFile(root, filepath.Join(root, folder, name)); pid != 0 {
				return pid
			}
		}
	}
	return 0
}

// lockFile reads a lock file. Some programs write more than their number. It
// returns 0 if there is none, or if its program has ended:
//
//	4242
//	4242 minicom root
func lockFile(root, path string) (pid int) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return 0
	}
	pid, err = strconv.Atoi(fields[0])
	if err != nil || pid <= 0 || !runs(root, pid) {
		return 0
	}
	return pid
}

// HeldError reports that another program has the lock file of a device.
type HeldError struct{ Process }

func (e *HeldError) Error() string { return "locked by " + e.String() }

// Claim writes the lock file of a device, so that programs that know no other
// lock leave it alone. The error is a *HeldError if another program has a lock
// file there. A file of a program that has ended is replaced. If the folder
// cannot be written, or the device is not in /dev itself, such as a
// pseudo-terminal, Claim writes nothing.
// release removes the file; it may be called more than once.
func Claim(root, device string) (release func(), err error) {
	if pid := lockFileOwner(root, device); pid != 0 && pid != os.Getpid() {
		return nil, &HeldError{process(root, pid)}
	}
	if filepath.Dir(device) != filepath.Join(root, "dev") {
		return func() {}, nil // such as a pseudo-terminal: no program dials out there
	}
	for _, folder := range lockFolders {
		path := filepath.Join(root, folder, lockNames(root, device)[0])
		if writeLock(root, path) {
			return func() { removeLock(path) }, nil
		}
		if pid := lockFile(root, path); pid != 0 && pid != os.Getpid() {
			return nil, &HeldError{process(root, pid)} // it came in between
		}
	}
	return func() {}, nil
}

// writeLock makes a lock file appear whole, and replaces one whose program has
// ended. It reports false if it cannot.
func writeLock(root, path string) bool {
	file, err := os.CreateTemp(filepath.Dir(path), ".gateway-*")
	if err != nil {
		return false
	}
	defer os.Remove(file.Name())
	_, err = fmt.Fprintf(file, "%10d\n", os.Getpid())
	if err == nil {
		err = file.Chmod(0o644) // for the programs of other users
	}
	if closing := file.Close(); err != nil || closing != nil {
		return false
	}
	if os.Link(file.Name(), path) == nil {
		return true
	}
	if pid := lockFile(root, path); pid != 0 && pid != os.Getpid() {
		return false
	}
	return os.Remove(path) == nil && os.Link(file.Name(), path) == nil
}

// removeLock removes our lock file, and none that another program has written
// since.
func removeLock(path string) {
	text, err := os.ReadFile(path)
	if err == nil && strings.TrimSpace(string(text)) == strconv.Itoa(os.Getpid()) {
		os.Remove(path)
	}
}
