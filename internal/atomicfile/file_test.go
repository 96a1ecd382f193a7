package atomicfile

import (
	"os"
	"path/filepath"
	"testing"
)

// The file has the new contents, and no other file is left.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "state.json")
	for _, contents := range []string{"old", "old", "new and longer", ""} {
		if err := Replace(name, []byte(contents)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(name); err != nil || string(got) != contents {
			t.Errorf("%q, %v; want %q", got, err, contents)
		}
	}
	wantFiles(t, dir, 1)
}

// A failed replacement leaves the old file alone, and no other file.
func TestReplace_FailureLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "state.json")
	if err := os.Mkdir(name, 0o700); err != nil { // no file can take its place
		t.Fatal(err)
	}
	if err := Replace(name, []byte("new")); err == nil {
		t.Error("a folder was replaced")
	}
	wantFiles(t, dir, 1)
	if err := Replace(filepath.Join(dir, "away", "state.json"), nil); err == nil {
		t.Error("written into a folder that is not there")
	}
}

// wantFiles expects so many files in the folder.
func wantFiles(t *testing.T, dir string, want int) {
	t.Helper()
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != want {
		t.Errorf("%v, %v", entries, err)
	}
}
