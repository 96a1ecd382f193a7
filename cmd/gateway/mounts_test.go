//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// mounts is a mount namespace: the gateways of one test see the file systems that it
// mounts there, and nobody else does. So it needs no special rights.
type mounts struct {
	t   *testing.T
	pid int // of the process that keeps the namespace
}

func newMounts(t *testing.T) mounts {
	t.Helper()
	unshare := []string{"unshare", "--mount"}
	if os.Geteuid() != 0 {
		unshare = append(unshare, "--user", "--map-root-user")
	}
	keeper := exec.Command(unshare[0], append(unshare[1:], "sh", "-c", "echo; exec cat")...)
	in, err := keeper.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := keeper.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := keeper.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		_ = keeper.Wait()
	})
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatalf("no disk for this test: %v (hint: it mounts one, as root or in a user namespace, and / must be a mount)", err)
	}
	return mounts{t, keeper.Process.Pid}
}

// enter returns the prefix of a command that runs in the namespace.
func (m mounts) enter() []string {
	prefix := []string{"nsenter", "--target", strconv.Itoa(m.pid), "--mount"}
	if os.Geteuid() != 0 {
		prefix = append(prefix, "--user", "--preserve-credentials")
	}
	return prefix
}

// mount mounts a new file system of a kind with these options on dir, which it makes if it
// does not exist.
func (m mounts) mount(dir, kind, options string) {
	m.t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		m.t.Fatal(err)
	}
	m.run("mount", "-t", kind, "-o", options, "none", dir)
}

// bind mounts a folder a second time.
func (m mounts) bind(from, to string) {
	m.t.Helper()
	if err := os.MkdirAll(to, 0o700); err != nil {
		m.t.Fatal(err)
	}
	m.run("mount", "--bind", from, to)
}

func (m mounts) unmount(dir string) {
	m.t.Helper()
	m.run("umount", dir)
}

func (m mounts) run(words ...string) {
	m.t.Helper()
	words = append(m.enter(), words...)
	if out, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
		m.t.Fatalf("%q: %v: %s", words, err, out)
	}
}

// path returns the name of a file in the namespace for those outside.
func (m mounts) path(name string) string {
	return filepath.Join("/proc", fmt.Sprint(m.pid), "root", name)
}

// onTmpfs returns the prefix of a command that sees a tmpfs with these options on dir.
func onTmpfs(t *testing.T, dir, options string) []string {
	t.Helper()
	m := newMounts(t)
	m.mount(dir, "tmpfs", options)
	return m.enter()
}
