package stagedfs

import (
	"errors"
	"path/filepath"
	"sync"
)

// twin holds the whole content of a file.
type twin interface {
	WriteAt(p []byte, at int64) (int, error)
	ReadAt(p []byte, at int64) (int, error)
	Truncate(size int64) error
	Close() error
}

// extent is a range of bytes that the disk lacks.
type extent struct{ from, to int64 }

func (e extent) empty() bool { return e.from == e.to }

// with returns the smallest extent with all of both.
func (e extent) with(o extent) extent {
	switch {
	case e.empty():
		return o
	case o.empty():
		return e
	}
	return extent{min(e.from, o.from), max(e.to, o.to)}
}

// stagedFile is a file of a Staged.
type stagedFile struct {
	s       *Staged
	name    string
	stage   *stage // that holds the twin; nil: memory
	through bool   // each write goes to the disk, too

	syncing sync.Mutex // held by Sync and Close, which use the disk; guards disk
	disk    File       // nil: not on disk yet

	mu    sync.Mutex // guards the rest, and is never held while the disk works
	twin  twin       // nil: closed
	size  int64
	dirty extent // what a Sync has to write; not with through
	anew  bool   // what is on disk cannot be trusted, or is too long

	abandoned bool // nobody needs what the disk lacks
}

// WriteAt writes to the twin. If that does not outlive the process, it writes to the
// disk first.
func (f *stagedFile) WriteAt(p []byte, at int64) (int, error) {
	if f.through {
		if n, err := f.disk.WriteAt(p, at); err != nil {
			return n, err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n, err := f.twin.WriteAt(p, at)
	if err != nil {
		f.s.lose()
		return n, err
	}
	f.size = max(f.size, at+int64(len(p)))
	if !f.through {
		f.dirty = f.dirty.with(extent{at, at + int64(len(p))})
	}
	return n, nil
}

// Truncate shortens the file. On disk that happens at the next Sync, unless each write
// goes there, too.
func (f *stagedFile) Truncate(size int64) error {
	onDisk := f.through && f.disk.Truncate(size) == nil
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.size = min(f.size, size); f.dirty.to > f.size {
		f.dirty = extent{min(f.dirty.from, f.size), f.size}
	}
	f.anew = f.anew || !onDisk
	return f.twin.Truncate(size)
}

// Sync makes the content durable that was written before. After a failure the next
// Sync writes the file anew.
func (f *stagedFile) Sync() error {
	f.syncing.Lock()
	defer f.syncing.Unlock()
	f.mu.Lock()
	dirty, anew := f.dirty, f.anew
	if anew || f.disk == nil {
		dirty = extent{0, f.size}
	}
	f.dirty, f.anew = extent{}, false
	bytes, err := f.read(dirty)
	f.mu.Unlock()
	if err == nil {
		err = f.save(bytes, dirty.from, anew)
	}
	if err != nil {
		f.mu.Lock()
		f.dirty, f.anew = f.dirty.with(dirty), true
		f.mu.Unlock()
	}
	f.checkStage()
	return err
}

// save writes bytes to the disk; f.syncing is held.
func (f *stagedFile) save(bytes []byte, at int64, anew bool) error {
	if anew && f.disk != nil {
		disk, err := writeNew(f.s.disk, f.name+tempSuffix, f.name, bytes)
		if err != nil {
			return err
		}
		_ = f.disk.Close()
		f.disk = disk
		return f.s.disk.SyncDir(f.s.dir)
	}
	if f.disk == nil {
		disk, err := f.s.disk.Create(f.name)
		if err != nil {
			return err
		}
		f.disk = disk
	}
	if len(bytes) > 0 && !f.through {
		if _, err := f.disk.WriteAt(bytes, at); err != nil {
			return err
		}
	}
	return f.disk.Sync()
}

// read returns a copy of a part of the twin; f.mu is held.
func (f *stagedFile) read(e extent) ([]byte, error) {
	if e.empty() {
		return nil, nil
	}
	b := make([]byte, e.to-e.from)
	n, err := f.twin.ReadAt(b, e.from)
	if n == len(b) {
		err = nil
	}
	return b, err
}

// checkStage gives the stage up if the twin is gone from it: writes would not outlive
// the process.
func (f *stagedFile) checkStage() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stage != nil && !f.stage.holds(f.twin) {
		f.s.lose()
	}
}

// content returns what is in the file.
func (f *stagedFile) content() ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.twin == nil {
		return nil, errClosed
	}
	return f.read(extent{0, f.size})
}

var errClosed = errors.New("file already closed")

// Close closes the file. A twin that has what the disk lacks stays in the stage, for
// SyncDir or the next run.
func (f *stagedFile) Close() error {
	f.syncing.Lock()
	defer f.syncing.Unlock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.twin == nil {
		return errClosed
	}
	err := f.forget()
	err = errors.Join(err, f.twin.Close())
	f.twin = nil
	if f.disk != nil {
		err = errors.Join(err, f.disk.Close())
	}
	return err
}

// forget ends what the Staged knows of the file; f.mu is held. A clean twin is removed.
func (f *stagedFile) forget() (err error) {
	name := filepath.Base(f.name)
	clean := f.abandoned || f.dirty.empty() && !f.anew && f.disk != nil
	var left []byte
	if f.stage != nil && !clean {
		left, err = f.read(extent{0, f.size})
	}
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	if f.s.open[f.name] == f {
		delete(f.s.open, f.name)
	}
	switch {
	case f.stage == nil:
	case clean:
		err = errors.Join(err, f.stage.remove(name))
	case err == nil:
		f.s.orphans[name] = left
	}
	return err
}
