package spool

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"syscall"

	"arduino-gateway/internal/stagedfs"
)

// fakeFS is a file system in memory. It remembers which bytes were synced, and
// fails on demand.
type fakeFS struct {
	mu      sync.Mutex
	files   map[string]*fakeFile // as a program sees them
	durable map[string]*fakeFile // as the folder is on disk
	space   int64                // bytes that can still be written; below 0: no end
	fail    func(op, name string) error
	hangs   chan struct{} // calls of the disk wait until it is closed; nil: they do not
}

// hang makes every call wait until answer is called.
func (f *fakeFS) hang() (answer func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	hangs := make(chan struct{})
	f.hangs = hangs
	return func() { close(hangs) }
}

// lock waits while the disk hangs.
func (f *fakeFS) lock() {
	f.mu.Lock()
	for f.hangs != nil {
		hangs := f.hangs
		f.mu.Unlock()
		<-hangs
		f.mu.Lock()
		if f.hangs == hangs {
			f.hangs = nil
		}
	}
}

type fakeFile struct {
	fs     *fakeFS
	name   string
	data   []byte
	synced []byte
}

func newFakeFS() *fakeFS {
	return &fakeFS{files: map[string]*fakeFile{}, durable: map[string]*fakeFile{}, space: -1}
}

func (f *fakeFS) check(op, name string) error {
	if f.fail == nil {
		return nil
	}
	return f.fail(op, filepath.Base(name))
}

func (f *fakeFS) set(space int64, fail func(op, name string) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.space, f.fail = space, fail
}

func (f *fakeFS) MkdirAll(dir string) error {
	f.lock()
	defer f.mu.Unlock()
	return f.check("mkdir", dir)
}

func (f *fakeFS) Names(dir string) (names []string, err error) {
	f.lock()
	defer f.mu.Unlock()
	for name := range f.files {
		names = append(names, filepath.Base(name))
	}
	return names, f.check("names", dir)
}

func (f *fakeFS) ReadFile(name string) ([]byte, error) {
	f.lock()
	defer f.mu.Unlock()
	file, ok := f.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return append([]byte(nil), file.data...), f.check("read", name)
}

func (f *fakeFS) Open(name string) (stagedfs.File, error) {
	f.lock()
	defer f.mu.Unlock()
	if err := f.check("open", name); err != nil {
		return nil, err
	}
	if file, ok := f.files[name]; ok {
		return file, nil
	}
	return nil, fs.ErrNotExist
}

func (f *fakeFS) Create(name string) (stagedfs.File, error) {
	f.lock()
	defer f.mu.Unlock()
	if err := f.check("create", name); err != nil {
		return nil, err
	}
	file := &fakeFile{fs: f, name: name}
	f.files[name] = file
	return file, nil
}

func (f *fakeFS) Rename(from, to string) error {
	f.lock()
	defer f.mu.Unlock()
	if err := f.check("rename", from); err != nil {
		return err
	}
	f.files[to] = f.files[from]
	f.files[to].name = to
	delete(f.files, from)
	return nil
}

func (f *fakeFS) Remove(name string) error {
	f.lock()
	defer f.mu.Unlock()
	if err := f.check("remove", name); err != nil {
		return err
	}
	if file, ok := f.files[name]; ok && f.space >= 0 {
		f.space += int64(len(file.data))
	}
	delete(f.files, name)
	return nil
}

func (f *fakeFS) SyncDir(dir string) error {
	f.lock()
	defer f.mu.Unlock()
	if err := f.check("syncdir", dir); err != nil {
		return err
	}
	f.durable = map[string]*fakeFile{}
	for name, file := range f.files {
		f.durable[name] = file
	}
	return nil
}

// ID is that of the files: a test mounts another disk by other ones.
func (f *fakeFS) ID(string) string {
	f.lock()
	defer f.mu.Unlock()
	return fmt.Sprintf("%p", f.files)
}

func (f *fakeFS) Free(string) int64 {
	f.lock()
	defer f.mu.Unlock()
	return f.space
}

func (f *fakeFile) WriteAt(p []byte, at int64) (int, error) {
	f.fs.lock()
	defer f.fs.mu.Unlock()
	err := f.fs.check("write", f.name)
	if err != nil {
		return 0, err
	}
	n := len(p)
	if grow := at + int64(n) - int64(len(f.data)); grow > 0 && f.fs.space >= 0 {
		if grow > f.fs.space {
			n, err = max(0, n-int(grow-f.fs.space)), syscall.ENOSPC
			grow = max(0, at+int64(n)-int64(len(f.data)))
		}
		f.fs.space -= grow
	}
	if need := int(at) + n; need > len(f.data) {
		f.data = append(f.data, make([]byte, need-len(f.data))...)
	}
	copy(f.data[at:], p[:n])
	return n, err
}

func (f *fakeFile) Truncate(size int64) error {
	f.fs.lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.check("truncate", f.name); err != nil {
		return err
	}
	f.data = f.data[:min(int(size), len(f.data))]
	return nil
}

func (f *fakeFile) Sync() error {
	f.fs.lock()
	defer f.fs.mu.Unlock()
	if err := f.fs.check("sync", f.name); err != nil {
		return err
	}
	f.synced = append([]byte(nil), f.data...)
	return nil
}

func (f *fakeFile) Close() error { return nil }

// copyAll returns the files after a kill of the process: everything written is
// there.
func (f *fakeFS) copyAll() *fakeFS {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := newFakeFS()
	for name, file := range f.files {
		n := &fakeFile{fs: c, name: name, data: append([]byte(nil), file.data...)}
		n.synced = n.data
		c.files[name], c.durable[name] = n, n
	}
	return c
}

// afterCut returns what was synced, and nothing else.
func (f *fakeFS) afterCut() *fakeFS {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := newFakeFS()
	for name, file := range f.durable {
		n := &fakeFile{fs: c, name: name, data: append([]byte(nil), file.synced...)}
		n.synced = n.data
		c.files[name], c.durable[name] = n, n
	}
	return c
}

// powerCut returns files as a power cut may leave them: of each file the synced
// bytes and any blocks of 512 others, of the folder the old names and any new ones.
func (f *fakeFS) powerCut(r *rand.Rand) *fakeFS {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := newFakeFS()
	names := map[string]*fakeFile{}
	for name, file := range f.durable {
		if f.files[name] == file || r.IntN(2) == 0 {
			names[name] = file
		} else if now := f.files[name]; now != nil {
			names[name] = now // a rename that made it
		}
	}
	for name, file := range f.files {
		if names[name] == nil && f.durable[name] == nil && r.IntN(2) == 0 {
			names[name] = file
		}
	}
	for name, file := range names {
		n := &fakeFile{fs: c, name: name, data: file.torn(r)}
		n.synced = n.data
		c.files[name], c.durable[name] = n, n
	}
	return c
}

func (f *fakeFile) torn(r *rand.Rand) []byte {
	size := len(f.synced)
	if len(f.data) > size {
		size += r.IntN(len(f.data) - size + 1)
	}
	data := make([]byte, size)
	copy(data, f.synced)
	for from := 0; from < size; from += 512 {
		if r.IntN(2) == 0 {
			copy(data[from:min(from+512, size)], f.data[min(from, len(f.data)):])
		}
	}
	return data
}
