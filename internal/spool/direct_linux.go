package spool

import (
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"
)

// directFile writes without telling the scheduler. A write of a hundred bytes
// goes to the kernel's memory and takes a microsecond; announcing it, in case it
// blocks, wakes the scheduler's monitor thread, which costs ten times that in a
// process that sleeps between lines.
//
// While an fsync is under way a write may well block, for as long as a slow card
// needs: the file system's journal is one for all files. Then the scheduler is
// told, or the whole gateway would stand still.
type directFile struct {
	*os.File
	fd      uintptr
	syncing *atomic.Int32 // fsyncs under way, of any file
}

func direct(f *os.File, syncing *atomic.Int32) File { return &directFile{f, f.Fd(), syncing} }

func (f *directFile) Sync() error {
	f.syncing.Add(1)
	defer f.syncing.Add(-1)
	return f.File.Sync()
}

func (f *directFile) WriteAt(p []byte, at int64) (written int, err error) {
	if len(p) > largestDirect || f.syncing.Load() > 0 {
		return f.File.WriteAt(p, at)
	}
	for written < len(p) {
		n, errno := pwrite(f.fd, p[written:], at+int64(written))
		if errno != 0 {
			return written, &os.PathError{Op: "write", Path: f.Name(), Err: errno}
		}
		written += n
	}
	return written, nil
}

// pwrite is pwritev with one part, for its offset comes the same way on every
// architecture: in two words, of which only the lower one is ever needed here.
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
		if n == 0 {
			return 0, syscall.EIO
		}
		return int(n), 0
	}
}
