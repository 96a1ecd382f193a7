package rawio

import (
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// largestQuiet is how many bytes a single write may have to be surely short.
const largestQuiet = 64 << 10

// syncing counts the fsyncs under way, of any File.
var syncing atomic.Int32

// File is a file on a disk. A write of a hundred bytes goes to the memory of the
// kernel and takes a microsecond: far less than its announcement.
//
// During an fsync a write may block for as long as a slow card needs, since all
// files share one journal. Such a write is announced to the scheduler; otherwise
// the whole gateway would stand still.
type File struct {
	*os.File
	fd uintptr
}

// NewFile returns a File for an open file, and takes it over.
func NewFile(f *os.File) *File { return &File{f, f.Fd()} }

// Sync does the same as os.File.Sync.
func (f *File) Sync() error {
	syncing.Add(1)
	defer syncing.Add(-1)
	return f.File.Sync()
}

// Write does the same as os.File.Write.
func (f *File) Write(p []byte) (written int, err error) {
	if mayBlock(p) {
		return f.File.Write(p)
	}
	return f.all(p, func(rest []byte, _ int) (int, syscall.Errno) { return call(syscall.SYS_WRITE, f.fd, rest) })
}

// WriteAt does the same as os.File.WriteAt.
func (f *File) WriteAt(p []byte, at int64) (written int, err error) {
	if mayBlock(p) {
		return f.File.WriteAt(p, at)
	}
	return f.all(p, func(rest []byte, done int) (int, syscall.Errno) { return pwrite(f.fd, rest, at+int64(done)) })
}

func mayBlock(p []byte) bool { return len(p) > largestQuiet || syncing.Load() > 0 }

// all writes until nothing of p is left.
func (f *File) all(p []byte, write func(rest []byte, done int) (int, syscall.Errno)) (written int, err error) {
	for written < len(p) {
		n, errno := write(p[written:], written)
		if errno == 0 && n == 0 {
			errno = syscall.EIO
		}
		if errno != 0 {
			return written, &os.PathError{Op: "write", Path: f.Name(), Err: errno}
		}
		written += n
	}
	return written, nil
}

// pwrite is pwritev with one part: its offset comes the same way on every
// architecture, in two words, of which only the lower one is ever needed here.
func pwrite(fd uintptr, p []byte, at int64) (int, syscall.Errno) {
	part := syscall.Iovec{Base: &p[0]}
	part.SetLen(len(p))
	for {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_PWRITEV, fd, uintptr(unsafe.Pointer(&part)), 1, uintptr(at), 0, 0)
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return 0, errno
		}
		return int(n), 0
	}
}
