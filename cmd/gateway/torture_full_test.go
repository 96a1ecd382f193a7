//go:build linux

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// TestTorture_FullDisk fills the disk under the spool while the broker is away, and
// frees it again. The disk is a small tmpfs that only the gateway sees, in a mount
// namespace of its own, so the test needs no special rights.
func TestTorture_FullDisk(t *testing.T) {
	t.Parallel()
	r := newKeptRig(t)
	r.mqtt = ", payload: both"
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

// TestTorture_FullDiskAtAStop starts and stops the gateway while its disk is full, and
// starts it again when there is room. The broker takes the lines meanwhile, so that the
// numbers rise although no disk knows of it.
func TestTorture_FullDiskAtAStop(t *testing.T) {
	for qos := range 2 {
		t.Run(fmt.Sprintf("qos %d", qos), func(t *testing.T) {
			t.Parallel()
			r := newKeptRig(t)
			r.mqtt = fmt.Sprintf(", payload: both, qos: %d", qos)
			boards := streams(t, 2, 2*time.Millisecond)
			file, state := r.configure(devicesFor(boards...)), filepath.Join(r.dir, "state")
			disk := newMounts(t)
			disk.mount(state, "tmpfs", "size=4m")
			r.session(file, boards, disk)
			fillDisk(t, disk.path(filepath.Join(state, "filler")))
			for range 2 {
				p := r.session(file, boards, disk)
				p.log.Await(t, "the spool cannot write")
			}
			if err := os.Remove(disk.path(filepath.Join(state, "filler"))); err != nil {
				t.Fatal(err)
			}
			launch(t, file, disk.enter()...)
			r.awaitEach(boards, 10)
			c := r.finish(boards)
			c.row(fmt.Sprintf("disk full at a stop and at a start, QoS %d", qos), fmt.Sprintf("first line after a start: %d", c.lost))
			c.soundBut(t, 3*len(boards))
		})
	}
}

// session runs a gateway for some lines and stops it.
func (r *rig) session(file string, boards []*simulator.Board, disk mounts) *running {
	r.t.Helper()
	p := launch(r.t, file, disk.enter()...)
	r.awaitEach(boards, 50)
	p.stop(r.t)
	return p
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
