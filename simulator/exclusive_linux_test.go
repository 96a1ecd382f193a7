package simulator

import (
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/programtest"
)

// A serial library has a port for itself (TIOCEXCL), and a program that is killed
// does not give that back.
func TestThePortOfAKilledProgramIsOpenToTheNext(t *testing.T) {
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

// Root may open such a port all the same, and mend it; others need another pty.
func TestThePortOfAKilledProgramWithoutRootsRights(t *testing.T) {
	if os.Geteuid() != 0 {
		TestThePortOfAKilledProgramIsOpenToTheNext(t)
		return
	}
	again := exec.CommandContext(t.Context(), programtest.Find(t, "setpriv"), "--bounding-set=-sys_admin",
		os.Args[0], "-test.run=^TestThePortOfAKilledProgramIsOpenToTheNext$", "-test.v")
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
