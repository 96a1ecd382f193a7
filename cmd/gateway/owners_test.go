//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/portstest"
	"arduino-gateway/internal/programtest"
	"arduino-gateway/simulator"
)

// nobody is the user ID of the gateway in these tests.
const nobody = 65534

// ownerLocks are the ways in which programs hold their ports.
var ownerLocks = []string{programtest.NoLock, programtest.Exclusive, programtest.Flock, programtest.LockFile}

// usedPort is a port that a program of another user has.
type usedPort struct {
	board  *simulator.Board
	lines  *bufio.Reader // that the program reads
	before unix.Termios
	next   int // the number in its next line
}

// inUse plugs a board into a machine, and lets a program use it.
func inUse(t *testing.T, root string, number int, lock string) *usedPort {
	t.Helper()
	board := openToAll(t, root, number)
	u := &usedPort{board: board, lines: bufio.NewReader(programtest.Use(t, board.Path(), lock)), next: -1}
	onTerminalAsIs(t, board.Path(), func(mode *unix.Termios) { u.before = *mode })
	return u
}

// inUseAndFree plugs in a board for each of ownerLocks, whose program it returns, and one
// more that no program uses.
func inUseAndFree(t *testing.T, root string) (used []*usedPort) {
	t.Helper()
	for i, lock := range ownerLocks {
		used = append(used, inUse(t, root, i, lock))
	}
	openToAll(t, root, len(ownerLocks))
	return used
}

// openToAll plugs in a board whose port every user may open.
func openToAll(t *testing.T, root string, number int) *simulator.Board {
	t.Helper()
	board := simulator.New(t, simulator.Spec{Name: fmt.Sprint("board", number), Every: 20 * time.Millisecond, Line: "n={tick}"})
	if err := os.Chmod(board.Path(), 0o666); err != nil {
		t.Fatal(err)
	}
	node := fmt.Sprintf("ttyUSB%d=%s", number, board.Path())
	if err := portstest.Plug(root, fmt.Sprint("1-", number+1), portstest.Boards["nano-clone"], node); err != nil {
		t.Fatal(err)
	}
	return board
}

// check reads some lines as the program does: it misses none, and its settings are
// still there.
func (u *usedPort) check(t *testing.T) {
	t.Helper()
	for range 5 {
		line, err := u.lines.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if _, err := fmt.Sscanf(line, "n=%d\n", &n); err != nil || u.next >= 0 && n != u.next {
			t.Errorf("the program read %q, expected n=%d", line, u.next)
		}
		u.next = n + 1
	}
	onTerminalAsIs(t, u.board.Path(), func(mode *unix.Termios) {
		if *mode != u.before {
			t.Errorf("settings %+v, before %+v", *mode, u.before)
		}
	})
}

// onTerminalAsIs reads the settings of a terminal, even one in exclusive mode.
func onTerminalAsIs(t *testing.T, port string, do func(*unix.Termios)) {
	t.Helper()
	file, err := os.OpenFile(port, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	mode, err := unix.IoctlGetTermios(int(file.Fd()), unix.TCGETS2)
	if err != nil {
		t.Fatal(err)
	}
	do(mode)
}

// asNobody returns a command that runs the gateway on a machine as a user who sees no
// program of others. Without root it runs as this user, who sees them.
func asNobody(t *testing.T, root string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(testContext(t), binary(t), args...)
	command.Env = append(os.Environ(), "GATEWAY_TEST_ROOT="+root, "HOME="+root)
	if os.Getuid() == 0 {
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return command
}

// machineForAll returns a machine whose programs are those of this one.
func machineForAll(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, folder := range []string{filepath.Dir(binary(t)), filepath.Dir(root), root} {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{"sys/class/tty", "dev", "run", "spool"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(root, "spool"), 0o777); err != nil {
		t.Fatal(err)
	}
	for _, link := range []string{"proc", "run/lock"} {
		if err := os.Symlink("/"+link, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// The gateway as a user without rights leaves the ports of other users' programs
// alone, however they lock them, and opens the one that no program uses.
func TestOwners_AutoLeavesTheirPortsAlone(t *testing.T) {
	t.Parallel()
	root := machineForAll(t)
	used := inUseAndFree(t, root)
	file := filepath.Join(root, "devices.yaml")
	text := fmt.Sprintf("mqtt: {broker: embedded, embedded: {listen: 127.0.0.1:%d}}\nspool: {dir: %s}\nhttp: {listen: \"off\"}\ndevices: {auto: {any: true}}\n",
		programtest.FreePort(t), filepath.Join(root, "spool"))
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p := &running{Cmd: asNobody(t, root, "run", "-c", file)}
	p.Stderr = &p.log
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	for i := range used {
		p.log.Await(t, "ignored", fmt.Sprintf("port=usb-path:1-%d ", i+1))
	}
	p.log.Await(t, ": device added")
	for i, u := range used {
		u.check(t)
		if t.Failed() {
			t.Fatalf("lock %s\n%s", ownerLocks[i], p.log.String())
		}
	}
	if n := p.log.Count("device added"); n != 1 {
		t.Errorf("%d devices\n%s", n, p.log.String())
	}
}

// gateway init as a user without rights leaves them alone too.
func TestOwners_InitLeavesTheirPortsAlone(t *testing.T) {
	t.Parallel()
	root := machineForAll(t)
	used := inUseAndFree(t, root)
	out, err := asNobody(t, root, "init", "-n", "-for", "1s", "-broker", "embedded").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, u := range used {
		if u.check(t); !strings.Contains(string(out), fmt.Sprintf("ttyUSB%d (CH34x) skipped: ", i)) {
			t.Errorf("lock %s: it was not skipped", ownerLocks[i])
		}
	}
	if n := strings.Count(string(out), "port: \"usb-path:"); n != 1 {
		t.Errorf("%d entries", n)
	}
	if t.Failed() {
		t.Logf("%s", out)
	}
}
