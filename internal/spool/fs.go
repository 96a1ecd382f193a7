package spool

import (
	"os"
	"path/filepath"

	"arduino-gateway/internal/rawio"
)

// FS is the file system that the spool needs. Tests have one that tears writes,
// fails and fills up.
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
	Boot() string          // identifies the machine's uptime; "" if that is not known
}

// File is an open file of an FS.
type File interface {
	WriteAt(p []byte, at int64) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// disk is the real file system.
type disk struct{}

func (disk) MkdirAll(dir string) error { return os.MkdirAll(dir, 0o750) }

func (disk) Names(dir string) ([]string, error) {
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

func (disk) ReadFile(name string) ([]byte, error) { return os.ReadFile(name) }

func (d disk) Open(name string) (File, error) { return d.open(name, os.O_RDWR) }

func (d disk) Create(name string) (File, error) {
	return d.open(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC)
}

// open keeps a failed open from becoming a File that is not nil.
func (disk) open(name string, flag int) (File, error) {
	f, err := os.OpenFile(name, flag, 0o640)
	if err != nil {
		return nil, err
	}
	return rawio.NewFile(f), nil
}

func (disk) Rename(from, to string) error { return os.Rename(from, to) }
func (disk) Remove(name string) error     { return os.Remove(name) }
func (disk) SyncDir(dir string) error     { return syncDir(filepath.Clean(dir)) }
func (disk) Free(dir string) int64        { return free(dir) }
func (disk) Boot() string                 { return boot() }
