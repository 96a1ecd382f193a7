//go:build torture

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/doctor"
)

// TestTorture_ReadOnlyDisk lets the kernel find an error on the disk of the spool, so that
// it becomes read-only, stops and starts the gateway, and repairs the disk.
func TestTorture_ReadOnlyDisk(t *testing.T) {
	r := newKeptRig(t)
	r.mqtt = ", payload: both"
	disk := newLoopDisk(t)
	r.dir = disk.dir
	boards := streams(t, 2, 5*time.Millisecond)
	file := r.configure(devicesFor(boards...))
	p := launch(t, file)
	r.awaitEach(boards, 1000)
	disk.breakIt()
	p.log.Await(t, "the spool cannot write")
	for range 2 {
		r.awaitEach(boards, 50)
		p.stop(t)
		p = launch(t, file)
	}
	r.awaitEach(boards, 50)
	p.stop(t)
	disk.repair()
	launch(t, r.configure(devicesFor(boards...))) // the error may have cost the file
	r.awaitEach(boards, 50)
	c := r.finish(boards)
	c.row("disk read-only by an error, over three stops", fmt.Sprintf("first line after a start: %d", c.lost))
	c.soundBut(t, 3*len(boards))
}

// loopDisk is a small ext4 file system in a file, which needs root and a loop device. That
// is why this file is not part of the usual tests.
type loopDisk struct {
	t          *testing.T
	image, dir string
}

func newLoopDisk(t *testing.T) loopDisk {
	t.Helper()
	folder := t.TempDir()
	d := loopDisk{t, filepath.Join(folder, "image"), filepath.Join(folder, "disk")}
	asRoot(t, "truncate", "-s", "64M", d.image)
	asRoot(t, "mkfs.ext4", "-q", d.image)
	asRoot(t, "mkdir", d.dir)
	d.mount()
	t.Cleanup(func() { asRoot(t, "umount", d.dir) })
	return d
}

func (d loopDisk) mount() {
	asRoot(d.t, "mount", "-o", "loop,errors=remount-ro", d.image, d.dir)
}

// breakIt reports an error to the file system, which then takes no more writes.
func (d loopDisk) breakIt() {
	d.t.Helper()
	device := strings.TrimSpace(asRoot(d.t, "findmnt", "-no", "SOURCE", "--mountpoint", d.dir))
	if !strings.HasPrefix(device, "/dev/loop") {
		d.t.Fatalf("%s is on %q", d.dir, device)
	}
	trigger := filepath.Join("/sys/fs/ext4", filepath.Base(device), "trigger_fs_error")
	if err := os.WriteFile(trigger, []byte("1"), 0o200); err != nil {
		d.t.Fatal(err)
	}
}

func (d loopDisk) repair() {
	asRoot(d.t, "umount", d.dir)
	_ = exec.Command("fsck.ext4", "-y", d.image).Run() // 1: it repaired something
	d.mount()
}

func asRoot(t *testing.T, words ...string) (out string) {
	t.Helper()
	text, err := exec.Command(words[0], words[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v: %s(hint: this test needs root and a loop device)", words, err, text)
	}
	return string(text)
}

// TestTorture_FolderWithoutFsync lets the fsync of the spool's folder fail as some network
// shares do. The folder serves as any other, with one line in the log, and doctor warns.
func TestTorture_FolderWithoutFsync(t *testing.T) {
	r := newKeptRig(t)
	r.mqtt = ", payload: both"
	boards := streams(t, 2, 5*time.Millisecond)
	file, state := r.configure(devicesFor(boards...)), filepath.Join(r.dir, "state")
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	strace := []string{"strace", "-D", "-f", "-qq", "-o", filepath.Join(r.dir, "strace"),
		"-P", state, "-e", "trace=fsync", "-e", "inject=fsync:error=EINVAL"}
	r.expect(r.examine(file, strace...), "spool", doctor.Warn, "cannot sync a folder")
	p := launch(t, file, strace...)
	r.awaitEach(boards, 50)
	r.broker.Stop()
	awaitBacklog(t, state, "n=")
	r.broker.Restart()
	r.awaitEach(boards, 50)
	p.kill()
	launch(t, file)
	c := r.finish(boards)
	c.row("a folder that has no fsync, and a kill", fmt.Sprintf("first line after a start: %d", c.lost))
	c.soundBut(t, len(boards))
	if log := p.log.String(); strings.Count(log, "cannot sync a folder") != 1 || strings.Contains(log, "cannot write") {
		t.Errorf("the log is:\n%s", log)
	}
}
