//go:build unix

package serialbridge

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Each way to fail has the error that classify knows.
func TestOpenPort_ReportsItsErrors(t *testing.T) {
	folder := t.TempDir()
	dangling := filepath.Join(folder, "dangling")
	must(t, os.Symlink(filepath.Join(folder, "gone"), dangling))
	file := filepath.Join(folder, "file")
	must(t, os.WriteFile(file, []byte("no port"), 0o600))
	for path, want := range map[string]error{
		filepath.Join(folder, "nowhere"): fs.ErrNotExist,
		dangling:                         fs.ErrNotExist,
		file:                             errNotSerial,
		folder:                           errNotSerial,
		os.DevNull:                       errNotSerial,
	} {
		_, err := openPort(path, 9600)
		if want == errNotSerial && path == folder {
			want = unix.EISDIR
		}
		wantError(t, err, want)
	}
	if _, err := openPort(dangling, 9600); err.Error() != dangling+" does not exist" {
		t.Errorf("error %q", err)
	}
}

// A second gateway is kept out, also as root, and its error names the owner.
func TestOpenPort_HasOneOwner(t *testing.T) {
	link := linkIn(t)
	plug(t, link)
	first, err := openPort(link, 9600)
	must(t, err)
	_, err = openPort(link, 9600)
	wantError(t, err, ErrInUse)
	if runtime.GOOS == "linux" && !strings.Contains(err.Error(), "in use by this gateway, for another device") {
		t.Errorf("error %q names no program", err)
	}
	must(t, first.Close())
	again, err := openPort(link, 9600)
	must(t, err)
	must(t, again.Close())
}

// A denied open keeps its cause, and the hint names the group.
func TestOpenPort_ReportsPermissionDenied(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	must(t, os.Chmod(board.slave.Name(), 0))
	got := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the rights it lost
		giveUpRights()
		_, err := openPort(board.slave.Name(), 9600)
		got <- err
	}()
	err := <-got
	wantError(t, err, fs.ErrPermission)
	if v := classify(err); v.fatal || !strings.Contains(v.hint, "dialout") {
		t.Errorf("verdict %+v", v)
	}
}

func TestDiscard_FreesAStuckWrite(t *testing.T) {
	link := linkIn(t)
	plug(t, link)
	port, err := openPort(link, maxBaud)
	must(t, err)
	progress, done := make(chan struct{}, 1<<16), make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			if n, err := port.Write(make([]byte, window)); n < window || err != nil {
				return
			}
			progress <- struct{}{}
		}
	}()
	for stuck := false; !stuck; {
		select {
		case <-progress:
		case <-time.After(300 * time.Millisecond):
			stuck = true
		}
	}
	for {
		port.Discard() // each makes room for more of the thousand
		select {
		case <-done:
			must(t, port.Close())
			return
		case <-progress:
		case <-time.After(patience):
			t.Fatal("the write is still stuck")
		}
	}
}

// lookingSeldom runs a port at a board that prints. It polls once an hour, so
// that only an interruption ends its read.
func lookingSeldom(t *testing.T) (*running, *recorder) {
	t.Helper()
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	port := portOn(t, link, seen)
	port.times.poll = rarePoll
	p := start(t, port)
	seen.expect("opened")
	board.print("\nt=1\n")
	seen.expect("ready", "line t=1")
	return p, seen
}

// A stop interrupts the read.
func TestPort_StopsAtOnce(t *testing.T) {
	p, seen := lookingSeldom(t)
	p.stop()
	seen.expect("closed")
}

// A stuck write interrupts the read.
func TestPort_LeavesAnAbandonedPortAtOnce(t *testing.T) {
	p, seen := lookingSeldom(t)
	var err error
	for err == nil { // the board reads nothing, the kernel some kilobytes
		err = p.send(t.Context(), make([]byte, 1<<10))
	}
	wantError(t, err, ErrBroken)
	wantError(t, seen.expect("closed").err, errStuck)
	seen.expect("opened")
}

// Each line is sent after the one before was seen: a reader that misses one
// would sleep for ever.
func TestFollow_MissesNoArrival(t *testing.T) {
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	port := portOn(t, link, seen)
	port.times.poll = rarePoll
	start(t, port)
	seen.expect("opened")
	board.print("\nbegin\n")
	seen.expect("ready", "line begin")
	for i := range 5000 {
		text := fmt.Sprint("n=", i, strings.Repeat("x", i%300))
		board.print(text[:len(text)/2])
		board.print(text[len(text)/2:] + "\n")
		seen.expect("line " + text)
	}
}
