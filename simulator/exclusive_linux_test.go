package simulator

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/programtest"
)

// A serial library opens a port exclusively (TIOCEXCL), and a killed program
// does not undo that.
func TestBoard_FreesThePortOfAKilledProgram(t *testing.T) {
	b := New(t, Spec{})
	killed := open(t, b.Path())
	setExclusive(t, killed.file)
	if err := b.WaitOpen(waiting(t)); err != nil {
		t.Fatal(err)
	}
	_ = killed.file.Close()
	if err := b.WaitClosed(waiting(t)); err != nil {
		t.Fatal(err)
	}
	next := open(t, b.Path())
	if isExclusive(t, next.file) {
		t.Fatal("the killed program still has the port for itself")
	}
	if err := b.WaitOpen(waiting(t)); err != nil {
		t.Fatal(err)
	}
	b.Println("t=1")
	next.want("t=1")
}

// Root can still open such a port and repair it; other users need another pty.
func TestBoard_ReplacesThePortOfAKilledProgram(t *testing.T) {
	if os.Geteuid() != 0 {
		TestBoard_FreesThePortOfAKilledProgram(t)
		return
	}
	again := exec.CommandContext(t.Context(), programtest.Find(t, "setpriv"), "--bounding-set=-sys_admin",
		os.Args[0], "-test.run=^TestBoard_FreesThePortOfAKilledProgram$", "-test.v")
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func setExclusive(t *testing.T, port *os.File) {
	t.Helper()
	control(t, port, func(fd int) error { return unix.IoctlSetInt(fd, unix.TIOCEXCL, 0) })
}

func isExclusive(t *testing.T, port *os.File) bool {
	t.Helper()
	var exclusive int
	control(t, port, func(fd int) (err error) {
		exclusive, err = unix.IoctlGetInt(fd, unix.TIOCGEXCL)
		return err
	})
	return exclusive != 0
}

func control(t *testing.T, port *os.File, do func(fd int) error) {
	t.Helper()
	raw, err := port.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	if err := raw.Control(func(fd uintptr) { failed = do(int(fd)) }); err != nil || failed != nil {
		t.Fatal(err, failed)
	}
}
