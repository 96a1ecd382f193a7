package rawio

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func open(t *testing.T, path string, flag int) *File {
	t.Helper()
	f, err := os.OpenFile(path, flag, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return NewFile(f)
}

// A long write goes another way than a short one.
func TestFile_WritesInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	long := bytes.Repeat([]byte("x"), 100<<10)
	at := open(t, path, os.O_RDWR|os.O_CREATE)
	for _, write := range []func() (int, error){
		func() (int, error) { return at.WriteAt([]byte("head"), 0) },
		func() (int, error) { return at.WriteAt([]byte(" tail"), 4) },
		func() (int, error) { return at.WriteAt([]byte("H"), 0) },
		func() (int, error) { return at.WriteAt(long, 9) },
	} {
		if _, err := write(); err != nil {
			t.Fatal(err)
		}
	}
	if err := at.Sync(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(path)
	if want := append([]byte("Head tail"), long...); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%.20q..., %d bytes, want %.20q..., %d bytes: %v", got, len(got), want, len(want), err)
	}
}

// An error has the path and the operation, as that of os.File.
func TestFile_NamesItselfInErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := open(t, path, os.O_RDONLY)
	for _, write := range []func() (int, error){
		func() (int, error) { return f.WriteAt([]byte("x"), 0) },
	} {
		n, err := write()
		if named, ok := errors.AsType[*fs.PathError](err); n != 0 || !ok || named.Path != path {
			t.Errorf("%d written, error %v", n, err)
		}
	}
}
