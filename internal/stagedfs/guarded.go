package stagedfs

import (
	"errors"
	"sync/atomic"
	"time"
)

// ErrStuck reports that a call of the disk did not return in time, or that an earlier
// one still has not.
var ErrStuck = errors.New("the disk does not answer")

const (
	callLimit = 2 * time.Second  // of a call
	syncLimit = 10 * time.Second // of an fsync: a slow card needs seconds
)

// Guarded is an FS whose calls return in time, whatever the disk does. A caller that
// waits longer gets ErrStuck, and so does every other call until the disk answers.
type Guarded struct {
	fs    FS
	stuck *atomic.Int32 // calls that did not return in time
	hurry atomic.Bool   // an fsync has no more time than any call

	noFolderSync atomic.Bool // a SyncDir has returned ErrNoFolderSync
}

// onDisk counts the stuck calls of all guarded Disks. The gateway keeps its state in one
// folder, so that they are one disk: only the first caller waits for it.
var onDisk atomic.Int32

// Guard returns the guarded FS.
func Guard(fs FS) *Guarded {
	if _, real := fs.(Disk); real {
		return &Guarded{fs: fs, stuck: &onDisk}
	}
	return &Guarded{fs: fs, stuck: new(atomic.Int32)}
}

// Hurry gives every fsync from now on no more time than other calls. A stop calls it.
func (g *Guarded) Hurry() { g.hurry.Store(true) }

func (g *Guarded) syncLimit() time.Duration {
	if g.hurry.Load() {
		return callLimit
	}
	return syncLimit
}

// guard calls the disk and waits for the answer. late receives an answer that came too
// late; it may be nil.
func guard[T any](g *Guarded, limit time.Duration, call func() (T, error), late func(T)) (T, error) {
	var none T
	if g.stuck.Load() > 0 {
		return none, ErrStuck
	}
	type answer struct {
		value T
		err   error
	}
	var state atomic.Int32 // 0 waiting, 1 answered, 2 given up
	answers := make(chan answer, 1)
	go func() {
		value, err := call()
		if state.CompareAndSwap(0, 1) {
			answers <- answer{value, err}
			return
		}
		if late != nil && err == nil {
			late(value)
		}
		g.stuck.Add(-1)
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-timer.C:
	}
	g.stuck.Add(1)
	if state.CompareAndSwap(0, 2) {
		return none, ErrStuck
	}
	g.stuck.Add(-1) // it answered at the last moment
	a := <-answers
	return a.value, a.err
}

// done is a call without a result.
func (g *Guarded) done(limit time.Duration, call func() error) error {
	_, err := guard(g, limit, func() (struct{}, error) { return struct{}{}, call() }, nil)
	return err
}

// Do makes a call of the disk that FS does not have.
func (g *Guarded) Do(call func() error) error { return g.done(callLimit, call) }

// MkdirAll makes a folder and those above it.
func (g *Guarded) MkdirAll(dir string) error {
	return g.done(callLimit, func() error { return g.fs.MkdirAll(dir) })
}

// Names returns the files of a folder.
func (g *Guarded) Names(dir string) ([]string, error) {
	return guard(g, callLimit, func() ([]string, error) { return g.fs.Names(dir) }, nil)
}

// ReadFile returns the content of a file.
func (g *Guarded) ReadFile(name string) ([]byte, error) {
	return guard(g, callLimit, func() ([]byte, error) { return g.fs.ReadFile(name) }, nil)
}

// Open opens a file.
func (g *Guarded) Open(name string) (File, error) {
	return g.file(func() (File, error) { return g.fs.Open(name) })
}

// Create makes or empties a file.
func (g *Guarded) Create(name string) (File, error) {
	return g.file(func() (File, error) { return g.fs.Create(name) })
}

// file guards a new file, and closes one that comes too late.
func (g *Guarded) file(open func() (File, error)) (File, error) {
	f, err := guard(g, callLimit, open, func(f File) { _ = f.Close() })
	if err != nil {
		return nil, err
	}
	return &guardedFile{g, f}, nil
}

// Rename replaces a file.
func (g *Guarded) Rename(from, to string) error {
	return g.done(callLimit, func() error { return g.fs.Rename(from, to) })
}

// Remove deletes a file.
func (g *Guarded) Remove(name string) error {
	return g.done(callLimit, func() error { return g.fs.Remove(name) })
}

// SyncDir makes the names in a folder durable. ErrNoFolderSync counts as done: nothing
// more can be had.
func (g *Guarded) SyncDir(dir string) error {
	err := g.done(g.syncLimit(), func() error { return g.fs.SyncDir(dir) })
	if errors.Is(err, ErrNoFolderSync) {
		g.noFolderSync.Store(true)
		return nil
	}
	return err
}

// NoFolderSync reports whether the file system turned out to have no fsync of folders.
func (g *Guarded) NoFolderSync() bool { return g.noFolderSync.Load() }

// Free returns how many bytes can still be written, below 0 if that is not known.
func (g *Guarded) Free(dir string) int64 {
	free, err := guard(g, callLimit, func() (int64, error) { return g.fs.Free(dir), nil }, nil)
	if err != nil {
		return -1
	}
	return free
}

// ID returns what tells a folder from another one at the same place, "" if that is not
// known.
func (g *Guarded) ID(dir string) string {
	id, err := guard(g, callLimit, func() (string, error) { return g.fs.ID(dir), nil }, nil)
	if err != nil {
		return ""
	}
	return id
}

// guardedFile is a file of a Guarded. A call that is stuck keeps the file open: the
// descriptor must not be used for another file below it.
type guardedFile struct {
	g *Guarded
	f File
}

// WriteAt copies p: the caller may change it when it has given up.
func (f *guardedFile) WriteAt(p []byte, at int64) (int, error) {
	copied := append([]byte(nil), p...)
	return guard(f.g, callLimit, func() (int, error) { return f.f.WriteAt(copied, at) }, nil)
}

func (f *guardedFile) Truncate(size int64) error {
	return f.g.done(callLimit, func() error { return f.f.Truncate(size) })
}

func (f *guardedFile) Sync() error { return f.g.done(f.g.syncLimit(), f.f.Sync) }

// Close closes the file even while the disk is stuck, without a wait.
func (f *guardedFile) Close() error {
	if f.g.stuck.Load() > 0 {
		go func() { _ = f.f.Close() }()
		return ErrStuck
	}
	return f.g.done(callLimit, f.f.Close)
}
