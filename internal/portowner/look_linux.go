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
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// look is what one look at the open files of all programs has shown. It takes as
// long as all programs have files open, so it is shared.
type look struct {
	root  string
	begun time.Time
	took  time.Duration
	all   bool // the open files of all programs were seen

	inodes  map[inode][]int  // the other programs that have it open: files and pseudo-terminals
	devices map[uint64][]int // the same of other devices, by number
}

type inode struct{ dev, ino uint64 }

func inodeOf(s *unix.Stat_t) inode { return inode{uint64(s.Dev), s.Ino} }

// initialPIDs is the link of the namespace that has all processes; the kernel
// fixes its number. A container has one of its own.
const initialPIDs = "pid:[4026531836]"

// lookAt looks at all programs. It sees files below /dev, and those that are
// named: to look at each file could hang on a dead file server.
func lookAt(root string, named ...string) *look {
	l := &look{root: root, begun: time.Now(), inodes: map[inode][]int{}, devices: map[uint64][]int{}}
	l.all = showsAll(root)
	for _, program := range names(filepath.Join(root, "proc")) {
		if pid, err := strconv.Atoi(program); err == nil && pid != os.Getpid() {
			l.program(pid, named)
		}
	}
	l.took = time.Since(l.begun)
	return l
}

// showsAll reports whether proc has all programs.
func showsAll(root string) bool {
	space, err := os.Readlink(filepath.Join(root, "proc/self/ns/pid"))
	if err != nil || space != initialPIDs {
		return false
	}
	_, err = os.Stat(filepath.Join(root, "proc/1"))
	return err == nil // hidepid hides the programs of others
}

// program adds the open files of a program. A program in a container may have a
// device under another name, and another device under this name.
func (l *look) program(pid int, named []string) {
	folder := filepath.Join(l.root, "proc", strconv.Itoa(pid), "fd")
	open, err := os.Open(folder)
	if err != nil {
		l.all = l.all && !errors.Is(err, fs.ErrPermission) // or the program has ended
		return
	}
	defer open.Close()
	links, _ := open.Readdirnames(-1)
	for _, link := range links {
		link = filepath.Join(folder, link)
		target, err := os.Readlink(link)
		if err != nil || !strings.HasPrefix(target, "/dev/") && !slices.Contains(named, target) {
			continue
		}
		var stat unix.Stat_t
		if unix.Stat(link, &stat) == nil {
			l.add(pid, &stat)
		}
	}
}

func (l *look) add(pid int, s *unix.Stat_t) {
	if number, ok := deviceNumber(s); ok {
		l.devices[number] = withPID(l.devices[number], pid)
	} else {
		l.inodes[inodeOf(s)] = withPID(l.inodes[inodeOf(s)], pid)
	}
}

// withPID adds a program. All files of one come after each other.
func withPID(pids []int, pid int) []int {
	if len(pids) > 0 && pids[len(pids)-1] == pid {
		return pids
	}
	return append(pids, pid)
}

// deviceNumber returns the number that a device has under all its names. Several
// nodes may have it, but each devpts counts its own pseudo-terminals from 0.
func deviceNumber(s *unix.Stat_t) (number uint64, ok bool) {
	pty := unix.Major(uint64(s.Rdev)) >= 136 && unix.Major(uint64(s.Rdev)) <= 143
	return uint64(s.Rdev), s.Mode&unix.S_IFMT == unix.S_IFCHR && !pty
}

func names(folder string) []string {
	dir, err := os.Open(folder)
	if err != nil {
		return nil
	}
	defer dir.Close()
	all, _ := dir.Readdirnames(-1)
	return all
}

// owners returns the programs that have a device: first the one that locks it. locks
// is what flocks returns.
func (l *look) owners(device string, locks map[string]int) []Process {
	var pids []int
	var stat unix.Stat_t
	exists := unix.Stat(device, &stat) == nil
	if pid := locks[fileInLocks(inodeOf(&stat))]; exists && pid != 0 && runs(l.root, pid) {
		pids = append(pids, pid)
	} else if pid := lockFileOwner(l.root, device); pid != 0 {
		pids = append(pids, pid)
	}
	if exists {
		pids = append(pids, l.openers(&stat)...)
	}
	return l.running(pids)
}

// openers returns the programs that have a file open, under any of its names.
func (l *look) openers(s *unix.Stat_t) []int {
	if number, ok := deviceNumber(s); ok {
		return l.devices[number]
	}
	return l.inodes[inodeOf(s)]
}

// running returns the programs that still run, each once.
func (l *look) running(pids []int) (all []Process) {
	for i, pid := range pids {
		if !slices.Contains(pids[:i], pid) && runs(l.root, pid) {
			all = append(all, process(l.root, pid))
		}
	}
	return all
}

// flocks returns which program took the flock on each file. It may have ended and left
// the open file to another: a script that calls flock does so. A line of the table has
// the device number of the file in hexadecimal:
//
//	7: FLOCK  ADVISORY  WRITE 4242 00:05:391 0 EOF
func flocks(table []byte) map[string]int {
	holders := map[string]int{}
	for line := range bytes.Lines(table) {
		fields := strings.Fields(string(line))
		if len(fields) < 6 || fields[1] != "FLOCK" {
			continue
		}
		if pid, err := strconv.Atoi(fields[4]); err == nil && holders[fields[5]] == 0 {
			holders[fields[5]] = pid
		}
	}
	return holders
}

// fileInLocks returns a file as the table of locks has it.
func fileInLocks(i inode) string {
	return fmt.Sprintf("%02x:%02x:%d", unix.Major(i.dev), unix.Minor(i.dev), i.ino)
}

// The least time between two looks, unless a question needs one that begins now, is
// fresh, or share times as long as a look takes, at most slowest: all looks together
// take a tenth of a processor.
const (
	fresh   = 100 * time.Millisecond
	share   = 10
	slowest = 10 * time.Second
)

// machine is the last look at the programs of this machine.
var machine shared

// shared is the one look that all questions share.
type shared struct {
	mu    sync.Mutex // held while a look is taken: who asks meanwhile gets that one
	last  *look      // nil before the first
	taken int        // how many looks
}

// since returns a look that began at that time or later.
func (s *shared) since(t time.Time) *look {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil || s.last.begun.Before(t) {
		s.last = lookAt("/")
		s.taken++
	}
	return s.last
}

// pace returns the least time between two looks.
func (s *shared) pace() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		return fresh
	}
	return min(max(fresh, share*s.last.took), slowest)
}
