package portowner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"arduino-gateway/internal/programtest"
)

// A real program is found behind a link, with a lock and without.
func TestOf_FindsRealProcesses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "ttyUSB0")
	must(t, os.WriteFile(file, nil, 0o600))
	link := file + "-link"
	must(t, os.Symlink(file, link))
	if got := Of("/", file, link, file+"-gone"); len(got) != 0 {
		t.Errorf("no program has it, got %v", got)
	}
	for _, lock := range []bool{false, true} {
		pid, release := programtest.Hold(t, file, lock)
		want := Process{PID: pid, Name: "sh"}
		if got := Of("/", link); len(got) != 1 || !slices.Equal(got[link], []Process{want}) {
			t.Errorf("lock %t: %v, want %v", lock, got, want)
		}
		release()
	}
}

// A container has a device under another name, and its own pseudo-terminals
// under the names of ours.
func TestLook_ComparesDevices(t *testing.T) {
	usb0, pts2 := unix.Mkdev(188, 0), unix.Mkdev(136, 2)
	node := func(dev, ino, rdev uint64) *unix.Stat_t {
		return &unix.Stat_t{Mode: unix.S_IFCHR | 0o660, Dev: dev, Ino: ino, Rdev: rdev}
	}
	for _, c := range []struct {
		open, asked *unix.Stat_t
		want        bool
	}{
		{node(5, 391, usb0), node(5, 391, usb0), true},
		{node(5, 391, usb0), node(60, 7, usb0), true},
		{node(5, 391, usb0), node(5, 392, unix.Mkdev(188, 1)), false},
		{node(23, 5, pts2), node(23, 5, pts2), true},
		{node(23, 5, pts2), node(61, 5, pts2), false},
		{&unix.Stat_t{Dev: 5, Ino: 1, Mode: unix.S_IFREG}, &unix.Stat_t{Dev: 5, Ino: 2, Mode: unix.S_IFREG}, false},
	} {
		l := look{inodes: map[inode][]int{}, devices: map[uint64][]int{}}
		for _, pid := range []int{7, 8} {
			l.add(pid, c.open)
			l.add(pid, c.open) // opened twice
		}
		want := []int{7, 8}
		if !c.want {
			want = nil
		}
		if got := l.openers(c.asked); !slices.Equal(got, want) {
			t.Errorf("open %v, asked %v: %v", c.open, c.asked, got)
		}
	}
}

// Only a FLOCK line that does not wait counts.
func TestFlocks_ReadsTheTable(t *testing.T) {
	const table = "1: POSIX  ADVISORY  WRITE 11 00:05:391 0 EOF\n" +
		"2: FLOCK  ADVISORY  WRITE 12 00:05:390 0 EOF\n" +
		"2: -> FLOCK  ADVISORY  WRITE 13 00:05:391 0 EOF\n" +
		"3: FLOCK  ADVISORY  WRITE 14 00:05:391 0 EOF\n" +
		"4: FLOCK\n"
	locks := flocks([]byte(table))
	if got := locks[fileInLocks(inode{unix.Mkdev(0, 5), 391})]; got != 14 {
		t.Errorf("owner %d, want 14", got)
	}
	if got := locks[fileInLocks(inode{unix.Mkdev(8, 5), 391})]; got != 0 {
		t.Errorf("owner %d on another file system", got)
	}
}

// Three hundred ports that open over half a second cost a few looks at all programs.
func TestOthers_ShareLooks(t *testing.T) {
	const ports, lasts = 300, 500 * time.Millisecond
	_, terminal, err := pty.Open()
	must(t, err)
	defer terminal.Close()
	before, begun := machine.taken, time.Now()
	var asking sync.WaitGroup
	for i := range ports {
		asking.Go(func() {
			time.Sleep(lasts / ports * time.Duration(i))
			if got := Others(t.Context(), terminal.Name(), time.Now()); len(got) > 0 {
				t.Errorf("%v has a new terminal", got)
			}
		})
	}
	asking.Wait()
	if most := 2 + int(time.Since(begun)/fresh); machine.taken-before > most {
		t.Errorf("%d looks for %d ports, want at most %d", machine.taken-before, ports, most)
	}
}

// A program that came before the port was opened is seen, however young the last look
// is. The end of the port ends the wait.
func TestOthers_LooksAfterTheOpening(t *testing.T) {
	_, terminal, err := pty.Open()
	must(t, err)
	defer terminal.Close()
	machine.since(time.Now())
	pid, _ := programtest.Hold(t, terminal.Name(), false)
	if got := Others(t.Context(), terminal.Name(), time.Now()); len(got) != 1 || got[0].PID != pid {
		t.Errorf("%v, want pid %d", got, pid)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if got := Others(ended, terminal.Name(), time.Now()); got != nil {
		t.Errorf("%v after the end", got)
	}
}

// A lock file counts while its program runs.
func TestOf_ReadsLockFiles(t *testing.T) {
	root := t.TempDir()
	for name, text := range map[string]string{
		"dev/ttyS0": "", "dev/ttyS1": "", "dev/ttyS2": "",
		"proc/4242/comm":       "minicom\n",
		"run/lock/LCK..ttyS0":  "      4242\n",
		"run/lock/LCK..ttyS1":  "      4343\n", // ended
		"var/lock/LCK..ttyS2":  "junk",
		"var/lock/LCK..ttyS10": "4242",
	} {
		path := filepath.Join(root, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(text), 0o644))
	}
	at := func(name string) string { return filepath.Join(root, "dev", name) }
	got := Of(root, at("ttyS0"), at("ttyS1"), at("ttyS2"))
	if want := (Process{PID: 4242, Name: "minicom"}); len(got) != 1 || !slices.Equal(got[at("ttyS0")], []Process{want}) {
		t.Errorf("got %v", got)
	}
}

// A lock counts for the program that took it while that runs, then for the
// program that has the file open.
func TestOf_FindsTheProgramBehindAnInheritedLock(t *testing.T) {
	root := t.TempDir()
	device := filepath.Join(root, "ttyS0")
	must(t, os.WriteFile(device, nil, 0o600))
	var stat unix.Stat_t
	must(t, unix.Stat(device, &stat))
	must(t, os.MkdirAll(filepath.Join(root, "proc/4343/fd"), 0o755))
	must(t, os.Symlink(device, filepath.Join(root, "proc/4343/fd/3")))
	lock := fmt.Sprintf("7: FLOCK  ADVISORY  WRITE 4242 %02x:%02x:%d 0 EOF\n", unix.Major(stat.Dev), unix.Minor(stat.Dev), stat.Ino)
	must(t, os.WriteFile(filepath.Join(root, "proc/locks"), []byte(lock), 0o600))
	if got := Of(root, device)[device][0].PID; got != 4343 {
		t.Errorf("with its taker ended: pid %d, want 4343", got)
	}
	must(t, os.Mkdir(filepath.Join(root, "proc/4242"), 0o755))
	if got := Of(root, device)[device]; len(got) != 2 || got[0].PID != 4242 || got[1].PID != 4343 {
		t.Errorf("with its taker running: %v, want 4242 first", got)
	}
}

func TestProcess_String(t *testing.T) {
	for want, p := range map[string]Process{"pid 7": {PID: 7}, "screen (pid 7)": {PID: 7, Name: "screen"}} {
		if got := p.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
