package portowner

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// lockRoot is a machine with a serial port. Its programs are those of this one.
func lockRoot(t *testing.T) (root, device, file string) {
	t.Helper()
	root = t.TempDir()
	for _, folder := range []string{"dev", "run/lock", "var"} {
		must(t, os.MkdirAll(filepath.Join(root, folder), 0o755))
	}
	must(t, os.Symlink("../run/lock", filepath.Join(root, "var/lock")))
	must(t, os.Symlink("/proc", filepath.Join(root, "proc")))
	device = filepath.Join(root, "dev/ttyS0")
	must(t, os.WriteFile(device, nil, 0o600))
	return root, device, filepath.Join(root, "run/lock/LCK..ttyS0")
}

// The lock file is there until the release, and names this program in the form
// that other programs read.
func TestClaim_WritesAndRemovesTheLockFile(t *testing.T) {
	root, device, file := lockRoot(t)
	for range 2 { // also after a release
		release, err := Claim(root, device)
		must(t, err)
		text, err := os.ReadFile(file)
		must(t, err)
		if want := fmt.Sprintf("%10d\n", os.Getpid()); string(text) != want {
			t.Errorf("lock file %q, want %q", text, want)
		}
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		release()
		release()
		left, err := os.ReadDir(filepath.Dir(file))
		if must(t, err); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}

// A lock file counts while its program runs, also with its name in it.
func TestClaim_LeavesTheFileOfARunningProgram(t *testing.T) {
	root, device, file := lockRoot(t)
	other := exec.Command("sleep", "100")
	must(t, other.Start())
	text := fmt.Sprintf("%10d sleep root\n", other.Process.Pid)
	must(t, os.WriteFile(file, []byte(text), 0o644))
	_, err := Claim(root, device)
	held, ok := errors.AsType[*HeldError](err)
	if !ok || held.PID != other.Process.Pid || held.Name != "sleep" {
		t.Errorf("error %v", err)
	}
	must(t, other.Process.Kill())
	_ = other.Wait()
	release, err := Claim(root, device) // it is stale now
	must(t, err)
	must(t, os.WriteFile(file, []byte("1\n"), 0o644)) // another program replaced it
	release()
	if _, err := os.Stat(file); err != nil {
		t.Error("the lock file of another program was removed")
	}
}

// Without a folder that can be written there is no lock file, and no error.
func TestClaim_WorksWithoutAFolder(t *testing.T) {
	root, device, _ := lockRoot(t)
	must(t, os.Remove(filepath.Join(root, "run/lock")))
	release, err := Claim(root, device)
	must(t, err)
	release()
}

// A pseudo-terminal has no lock file of ours, but one of others counts.
func TestClaim_WritesNoneForPseudoTerminals(t *testing.T) {
	root, _, _ := lockRoot(t)
	device := filepath.Join(root, "dev/pts/3")
	release, err := Claim(root, device)
	must(t, err)
	defer release()
	left, err := os.ReadDir(filepath.Join(root, "run/lock"))
	if must(t, err); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	for _, name := range []string{"LCK..3", "LCK..pts_3"} {
		file := filepath.Join(root, "run/lock", name)
		must(t, os.WriteFile(file, []byte("1"), 0o644))
		if _, err := Claim(root, device); err == nil {
			t.Errorf("%s does not count", name)
		}
		must(t, os.Remove(file))
	}
}
