//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// TestTorture_DamagedSpool flips bytes in the files of a killed gateway. The next start
// delivers all records except the damaged ones, and logs those.
func TestTorture_DamagedSpool(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t)
	board := simulator.New(t, simulator.Spec{Lossless: true})
	file, state := r.configure(devicesFor(board)), filepath.Join(r.dir, "state")
	const lines = 1000
	p := launch(t, file)
	r.awaitLine(board, "ready=1", "devices/board/ready", "1")
	r.broker.Stop()
	for i := range lines {
		board.Println(fmt.Sprintf("n=%d", i))
	}
	awaitBacklog(t, state, fmt.Sprint(lines-1))
	p.kill()
	intact := spoolFiles(t, state)
	r.broker.Restart()

	var c tally
	rounds, hit := often(5, 100), 0
	for round := range rounds {
		flips := 1 + rand.N(8)
		writeSpool(t, state, damaged(intact, flips))
		before := r.heard.count("devices/board/n")
		p := launch(t, file)
		r.awaitLine(board, fmt.Sprintf("end=%d", round), "devices/board/end", fmt.Sprint(round))
		missing := lines - len(c.numbersOf(t, r.heard.on("devices/board/n")[before:]))
		c.read += lines
		hit += missing
		if missing > flips {
			c.lost += missing - flips
		}
		if text := p.log.String(); missing > 0 && !strings.Contains(text, "damaged lines in the spool skipped") && !strings.Contains(text, "incomplete last write removed") {
			t.Errorf("%d lines are missing, and nothing is logged:\n%s", missing, text)
		}
		p.kill()
	}
	c.row(fmt.Sprintf("spool damaged at random bytes %d times", rounds), fmt.Sprintf("lines in damaged places: %d", hit))
	c.sound(t)
}

// spoolFiles returns the files of a spool by name.
func spoolFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, pattern := range []string{"*.seg", "acks"} {
		names, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files[filepath.Base(name)] = data
		}
	}
	return files
}

func writeSpool(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name := range spoolFiles(t, dir) {
		_ = os.Remove(filepath.Join(dir, name))
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// damaged returns the files with a number of bytes changed at random.
func damaged(files map[string][]byte, flips int) map[string][]byte {
	copies, names := map[string][]byte{}, []string{}
	for name, data := range files {
		copies[name] = append([]byte(nil), data...)
		names = append(names, name)
	}
	for range flips {
		data := copies[names[rand.N(len(names))]]
		data[rand.N(len(data))] ^= byte(1 + rand.N(255))
	}
	return copies
}

// TestTorture_FullDisk fills the disk under the spool while the broker is away, and
// frees it again. The disk is a small tmpfs that only the gateway sees, in a mount
// namespace of its own, so the test needs no special rights.
func TestTorture_FullDisk(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t)
	boards := streams(t, 4, 20*time.Millisecond)
	file, state := r.configure(devicesFor(boards...)), filepath.Join(r.dir, "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	p := launch(t, file, onTmpfs(t, state, "size=4m")...)
	r.awaitEach(boards, 10)
	r.broker.Stop()
	filler := filepath.Join("/proc", fmt.Sprint(p.Process.Pid), "root", state, "filler")
	fillDisk(t, filler)
	p.log.Await(t, "the spool cannot write")
	full := time.Duration(often(3, 60)) * time.Second
	time.Sleep(full) // the lines of this time fit in memory
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	p.log.Await(t, "the spool writes again")
	r.broker.Restart()
	c := r.finish(boards)
	c.row(fmt.Sprintf("disk full for %v, broker away", full), "")
	c.sound(t)
	if log := p.log.String(); strings.Count(log, "the spool cannot write") != 1 {
		t.Errorf("it was logged more than once:\n%s", log)
	}
}

// onTmpfs returns the prefix of a command that mounts a tmpfs on dir, with these
// options, for that command alone.
func onTmpfs(t *testing.T, dir, options string) []string {
	t.Helper()
	unshare := []string{"unshare", "--mount"}
	if os.Geteuid() != 0 {
		unshare = append(unshare, "--user", "--map-root-user")
	}
	if out, err := exec.Command(unshare[0], append(unshare[1:], "true")...).CombinedOutput(); err != nil {
		t.Fatalf("no disk for this test: %s(hint: it mounts one, as root or in a user namespace, and / must be a mount)", out)
	}
	return append(unshare, "sh", "-c", fmt.Sprintf(`mount -t tmpfs -o %s none "$0" && exec "$@"`, options), dir)
}

func fillDisk(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	var path *fs.PathError
	if !errors.As(err, &path) || !errors.Is(path.Err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}
