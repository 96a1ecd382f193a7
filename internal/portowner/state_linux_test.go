package portowner

import (
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
)

// A device is free only if all programs can be seen.
func TestLook_TakesUnknownNotForFree(t *testing.T) {
	for name, c := range map[string]struct {
		space     string // of the processes
		programs  []string
		holder    bool // 4343 has it open
		forbidden bool // the files of 4343 cannot be read
		want      State
	}{
		"all are seen":                {initialPIDs, []string{"1", "4343"}, false, false, Free},
		"one has it":                  {initialPIDs, []string{"1", "4343"}, true, false, Owned},
		"one cannot be seen":          {initialPIDs, []string{"1", "4343"}, false, true, Unknown},
		"that one has it":             {initialPIDs, []string{"1", "4343"}, true, true, Unknown},
		"in a container":              {"pid:[4026532201]", []string{"1", "4343"}, false, false, Unknown},
		"with hidepid":                {initialPIDs, []string{"4343"}, false, false, Unknown},
		"without a namespace in proc": {"", []string{"1", "4343"}, false, false, Unknown},
	} {
		root := t.TempDir()
		device := filepath.Join(root, "ttyUSB0")
		must(t, os.WriteFile(device, nil, 0o600))
		for _, program := range append(c.programs, "self/ns") {
			must(t, os.MkdirAll(filepath.Join(root, "proc", program, "fd"), 0o755))
		}
		if c.space != "" {
			must(t, os.Symlink(c.space, filepath.Join(root, "proc/self/ns/pid")))
		}
		files := filepath.Join(root, "proc/4343/fd")
		if c.holder {
			must(t, os.Symlink(device, filepath.Join(files, "3")))
		}
		if c.forbidden {
			must(t, os.Chmod(files, 0))
		}
		must(t, os.Chmod(filepath.Dir(root), 0o755)) // for the other user
		if got := lookAsNobody(root, device); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
		must(t, os.Chmod(files, 0o755))
	}
}

// lookAsNobody looks with the rights of user 65534, even as root.
func lookAsNobody(root, device string) (state State) {
	done := make(chan State)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the rights it lost
		syscall.RawSyscall(syscall.SYS_SETFSUID, 65534, 0, 0)
		state, _ := Look(root, device)
		done <- state
	}()
	return <-done
}
