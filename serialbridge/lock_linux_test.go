package serialbridge

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// The test binary itself is the other program that has a port open, until its
// standard input ends.
func init() {
	path := os.Getenv("SERIALBRIDGE_TEST_HOLD")
	if path == "" {
		return
	}
	var err error
	if os.Getenv("SERIALBRIDGE_TEST_LOCK") == "" {
		_, err = openQuietly(path)
	} else {
		_, err = lockPort(path)
	}
	fmt.Println("held", err)
	io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

func TestHolderIsNamed(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	for _, lock := range []string{"", "yes"} {
		pid, letGo := heldByAnother(t, link, lock)
		if lock == "" { // no lock, but the port is open: found among the descriptors
			if got, want := holderOf(board.slave.Name()), fmt.Sprintf("(pid %d)", pid); !strings.Contains(got, want) {
				t.Errorf("holder %q, want %q", got, want)
			}
		} else {
			_, err := openPort(link, 9600)
			wantError(t, err, errHeld)
			if want := fmt.Sprintf("(pid %d)", pid); !strings.Contains(err.Error(), want) {
				t.Errorf("error %q, want %q", err, want)
			}
		}
		letGo()
	}
}

// heldByAnother runs this test binary as the other program.
func heldByAnother(t *testing.T, path, lock string) (pid int, letGo func()) {
	other := exec.Command(os.Args[0])
	other.Env = append(os.Environ(), "SERIALBRIDGE_TEST_HOLD="+path, "SERIALBRIDGE_TEST_LOCK="+lock)
	in, err := other.StdinPipe()
	must(t, err)
	out, err := other.StdoutPipe()
	must(t, err)
	must(t, other.Start())
	said, err := bufio.NewReader(out).ReadString('\n')
	must(t, err)
	if said != "held <nil>\n" {
		t.Fatalf("the other program says %q", said)
	}
	return other.Process.Pid, func() {
		in.Close()
		must(t, other.Wait())
	}
}

// The library panics where a descriptor does not fit into select(2)'s set.
func TestManyOpenFiles(t *testing.T) {
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
	must(t, p.Write(t.Context(), []byte("led=on\n")))
	board.takes(7)
	board.print("t=1\n")
	seen.expect("line t=1")
	p.stop()
	seen.expect("closed")
}
