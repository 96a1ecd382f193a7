package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"arduino-gateway/internal/stagedfs"
)

// CheckDir measures the disk and leaves no file.
func TestCheckDir_LeavesNoFile(t *testing.T) {
	dir := t.TempDir()
	s := Open(Options{Dir: dir})
	q := s.Queue("uno")
	putText(q, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadDir(dir)
	r, err := CheckDir(dir)
	if err != nil || r.Used == 0 || r.Free == 0 {
		t.Errorf("%+v, %v", r, err)
	}
	if after, _ := os.ReadDir(dir); len(after) != len(before) {
		t.Errorf("%v became %v", before, after)
	}
	if _, err := CheckDir(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// CheckDir finds a folder that cannot be synced, and takes it for usable.
func TestCheckDir_FindsAFolderThatCannotBeSynced(t *testing.T) {
	r, err := checkDir(stagedfs.Guard(noFolderSync{}), t.TempDir())
	if err != nil || !r.NoFolderSync {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := CheckDir(t.TempDir()); err != nil || r.NoFolderSync {
		t.Errorf("a usual folder: %+v, %v", r, err)
	}
}

// noFolderSync is the machine's file system without an fsync of folders.
type noFolderSync struct{ stagedfs.Disk }

func (noFolderSync) SyncDir(string) error { return stagedfs.ErrNoFolderSync }
