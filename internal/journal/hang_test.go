package journal

import (
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"

	"arduino-gateway/internal/stagedfs"
)

// hanging is a disk that does not answer before it is closed.
type hanging struct {
	stagedfs.Disk
	answer chan struct{}
}

func (h hanging) ReadFile(name string) ([]byte, error) { <-h.answer; return h.Disk.ReadFile(name) }
func (h hanging) Remove(name string) error             { <-h.answer; return h.Disk.Remove(name) }

// A reload opens the journal of a new device and removes that of another. It does not wait
// for a disk that hangs.
func TestJournal_DoesNotWaitForADiskThatHangs(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	path := filepath.Join(t.TempDir(), "uno")
	synctest.Test(t, func(t *testing.T) {
		working := disk
		defer func() { disk = working }()
		j := Open(path, quiet)
		id, _ := j.Add(Command{Name: "led"}, false)
		j.Delivered(id)
		for _, wait := range []func() error{
			j.Remove,
			func() error { Open(path, quiet).Close(); return stagedfs.ErrStuck },
		} {
			h := hanging{answer: make(chan struct{})}
			disk = stagedfs.Guard(h)
			if err := wait(); !errors.Is(err, stagedfs.ErrStuck) {
				t.Errorf("error %v", err)
			}
			close(h.answer)
			synctest.Wait()
		}
	})
}
