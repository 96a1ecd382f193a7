package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
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
