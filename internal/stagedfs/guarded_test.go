package stagedfs

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// hanging is a disk whose calls wait while it hangs.
type hanging struct {
	Disk
	free chan struct{} // closed: it answers
}

func (h hanging) Create(name string) (File, error) {
	f, err := h.Disk.Create(name)
	return hangingFile{f, h.free}, err
}

type hangingFile struct {
	File
	free chan struct{}
}

func (f hangingFile) WriteAt(p []byte, at int64) (int, error) {
	<-f.free
	return f.File.WriteAt(p, at)
}

func (f hangingFile) Sync() error {
	<-f.free
	return f.File.Sync()
}

// A call of a disk that hangs returns in time, and all others fail at once. When the
// disk answers, it is used again.
func TestGuarded_EndsTheWaitForADiskThatHangs(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		g := Guard(hanging{free: free})
		f, err := g.Create(filepath.Join(dir, "a"))
		if err != nil {
			t.Fatal(err)
		}
		for i, limit := range []time.Duration{callLimit, 0, 0} {
			from := time.Now()
			_, err := f.WriteAt([]byte("x"), 0)
			if waited := time.Since(from); !errors.Is(err, ErrStuck) || waited != limit {
				t.Errorf("call %d ended after %v: %v", i, waited, err)
			}
		}
		if _, err := g.Create(filepath.Join(dir, "b")); !errors.Is(err, ErrStuck) {
			t.Errorf("another file: %v", err)
		}
		close(free)
		synctest.Wait()
		if _, err := f.WriteAt([]byte("y"), 1); err != nil {
			t.Error(err)
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			t.Error(err)
		}
	})
}

// An fsync has more time than a write, but not at a stop.
func TestGuarded_GivesAnFsyncMoreTime(t *testing.T) {
	dir := t.TempDir()
	for name, hurry := range map[string]bool{"running": false, "stopping": true} {
		synctest.Test(t, func(t *testing.T) {
			free := make(chan struct{})
			g := Guard(hanging{free: free})
			f, err := g.Create(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			want := syncLimit
			if hurry {
				g.Hurry()
				want = callLimit
			}
			from := time.Now()
			if err := f.Sync(); !errors.Is(err, ErrStuck) || time.Since(from) != want {
				t.Errorf("%s: it ended after %v: %v", name, time.Since(from), err)
			}
			close(free)
			synctest.Wait()
			_ = f.Close()
		})
	}
}
