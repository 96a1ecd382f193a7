package serialbridge

import (
	"fmt"
	"log/slog"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/programtest"
)

// The error names the program that has the port, with a lock or without.
func TestPortLock_NamesTheOwner(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	for _, lock := range []bool{false, true} {
		pid, letGo := programtest.Hold(t, link, lock)
		if !lock { // the port is open: it is found among
			if got, want := ownerOf(board.slave.Name()), fmt.Sprintf("(pid %d)", pid); !strings.Contains(got, want) {
				t.Errorf("holder %q, want %q", got, want)
			}
		} else {
			_, err := openPort(link, 9600)
			wantError(t, err, ErrInUse)
			if want := fmt.Sprintf("(pid %d)", pid); !strings.Contains(err.Error(), want) {
				t.Errorf("error %q, want %q", err, want)
			}
		}
		letGo()
	}
}

// A program that opened the port before and takes no lock, such as cat, is
// named in the log.
func TestPort_NamesAnotherReader(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	pid, letGo := programtest.Hold(t, board.slave.Name(), false)
	defer letGo()
	var log logtest.Log
	p := portOn(t, link, newRecorder(t))
	p.log = slog.New(slog.NewTextHandler(&log, nil))
	start(t, p)
	log.Await(t, fmt.Sprintf("reads this port too, and each gets part of the lines\" program=\"sh (pid %d)\"", pid))
}

// A program that we start has none of the descriptors of our port.
func TestOpenPort_IsNotInherited(t *testing.T) {
	link := linkIn(t)
	device := plug(t, link).slave.Name()
	port, err := openPort(link, 9600)
	must(t, err)
	defer port.Close()
	has, err := exec.Command("sh", "-c", "ls -l /proc/$$/fd").Output()
	must(t, err)
	if strings.Contains(string(has), device) || !strings.Contains(string(has), "pipe:") {
		t.Errorf("beside %s, a program has open\n%s", device, has)
	}
}

// The library panics if a descriptor does not fit into the set of select(2).
func TestOpenPort_WorksWithManyOpenFiles(t *testing.T) {
	var taken []int
	defer func() {
		for _, fd := range taken {
			unix.Close(fd)
		}
	}()
	for len(taken) == 0 || taken[len(taken)-1] < 1100 {
		fd, err := unix.FcntlInt(2, unix.F_DUPFD_CLOEXEC, 0)
		must(t, err)
		taken = append(taken, fd)
	}
	p, board, seen := booted(t, nil)
	must(t, p.send(t.Context(), []byte("led=on\n")))
	board.receives(7)
	board.print("t=1\n")
	seen.expect("line t=1")
	p.stop()
	seen.expect("closed")
}
