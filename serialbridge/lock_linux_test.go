package serialbridge

import (
	"fmt"
	"log/slog"
	"os"
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

// A port that does not fit into the limit of open files is not opened at all: an open
// resets the board. The limit is that of a program of its own, this test again.
func TestOpenPort_OpensNothingOverTheLimitOfFiles(t *testing.T) {
	if path := os.Getenv("GATEWAY_TEST_PORT"); path != "" {
		openOverLimit(path)
	}
	link := linkIn(t)
	board := plug(t, link)
	before := setAs(t, board.slave, 9600, unix.HUPCL)
	other := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
	other.Env = append(os.Environ(), "GATEWAY_TEST_PORT="+board.slave.Name())
	out, err := other.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for report := range strings.Lines(string(out)) {
		if want := "over the limit of open files LimitNOFILE\n"; !strings.HasSuffix(report, want) {
			t.Errorf("%q, want %q", report, want)
		}
	}
	if n := strings.Count(string(out), "\n"); n != needed {
		t.Errorf("%d reports:\n%s", n, out)
	}
	if got := settingsOf(t, board.slave); got != before {
		t.Errorf("settings\n%+v, before\n%+v", got, before)
	}
}

// openOverLimit reports what an open returns, for each number of descriptors that are
// left, and ends this program.
func openOverLimit(path string) {
	null, _ := os.Open(os.DevNull)
	first := (&portLock{fd: int(null.Fd())}).lowestFree() // all above are free, too
	for left := range needed {
		limit := unix.Rlimit{Cur: uint64(first + left), Max: 1024}
		_ = unix.Setrlimit(unix.RLIMIT_NOFILE, &limit)
		_, err := openPort(path, 115200)
		v := classify(err)
		fmt.Printf("%d left: %v: %s %s\n", left, err, v.state, strings.Fields(v.hint)[1])
	}
	os.Exit(0)
}
