package stagedfs

import (
	"errors"
	"os"
	"path/filepath"
)

// FS is a file system. Tests have one that tears writes, fails, hangs and fills up.
type FS interface {
	MkdirAll(dir string) error
	Names(dir string) ([]string, error)
	ReadFile(name string) ([]byte, error)
	Open(name string) (File, error)   // for reading and writing; must exist
	Create(name string) (File, error) // for reading and writing, emptied
	Rename(from, to string) error
	Remove(name string) error
	SyncDir(dir string) error
	Free(dir string) int64 // bytes that can still be written; below 0 if that is not known
	ID(dir string) string  // another one if another disk is mounted there; "" if it is not known
}

// File is an open file of an FS.
type File interface {
	WriteAt(p []byte, at int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// Disk is the file system of the machine.
type Disk struct {
	Private bool // only this user may read what it makes; else also the user's group
}

// MkdirAll makes a folder and those above it.
func (d Disk) MkdirAll(dir string) error { return os.MkdirAll(dir, d.mode(0o750)) }

func (d Disk) mode(usual os.FileMode) os.FileMode {
	if d.Private {
		return usual &^ 0o070
	}
	return usual
}

// Names returns the regular files of a folder.
func (Disk) Names(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// ReadFile returns the content of a file.
func (Disk) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

// Open opens a file.
func (d Disk) Open(name string) (File, error) { return d.open(name, os.O_RDWR) }

// Create makes or empties a file.
func (d Disk) Create(name string) (File, error) {
	return d.open(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

// open keeps a failed open from becoming a File that is not nil.
func (d Disk) open(name string, flag int) (File, error) {
	f, err := os.OpenFile(name, flag, d.mode(0o640))
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Rename replaces a file.
func (Disk) Rename(from, to string) error { return os.Rename(from, to) }

// Remove deletes a file.
func (Disk) Remove(name string) error { return os.Remove(name) }

// ErrNoFolderSync reports a file system that has no fsync of folders, as some network
// shares and shared folders of virtual machines. It decides itself when names are durable.
var ErrNoFolderSync = errors.New("the file system cannot sync a folder")

// SyncDir makes the names in a folder durable.
func (Disk) SyncDir(dir string) error { return syncDir(filepath.Clean(dir)) }

// Free returns how many bytes this user can still write.
func (Disk) Free(dir string) int64 { return free(dir) }

// ID returns what tells a folder from another one at the same place.
func (Disk) ID(dir string) string { return folderID(dir) }

// writeNew replaces a file by one with this content, which is durable but for its
// name. The file is open. temp is a name in the same folder.
func writeNew(fs FS, temp, name string, content []byte) (File, error) {
	f, err := fs.Create(temp)
	if err != nil {
		return nil, err
	}
	if _, err = f.WriteAt(content, 0); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = fs.Rename(temp, name)
	}
	if err != nil {
		_ = f.Close()
		_ = fs.Remove(temp)
		return nil, err
	}
	return f, nil
}

// WriteFile replaces a file by one with this content, which is durable but for its
// name.
func WriteFile(fs FS, temp, name string, content []byte) error {
	f, err := writeNew(fs, temp, name, content)
	if err != nil {
		return err
	}
	return f.Close()
}
