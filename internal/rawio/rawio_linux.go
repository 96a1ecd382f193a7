package rawio

import (
	"io"
	"syscall"
	"unsafe"
)

// Conn is a descriptor of the poller. Deadlines and Close are those of the file
// or socket that it came from. They end a call that waits here.
type Conn struct{ raw syscall.RawConn }

// New returns a Conn for an *os.File or a net.Conn with a descriptor, which must
// be non-blocking.
func New(c syscall.Conn) (*Conn, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	return &Conn{raw}, nil
}

// Read implements io.Reader: it waits for bytes, and returns io.EOF at the end.
func (c *Conn) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	var errno syscall.Errno
	err = c.raw.Read(func(fd uintptr) (done bool) {
		n, errno = call(syscall.SYS_READ, fd, p)
		return errno != syscall.EAGAIN
	})
	switch {
	case err != nil:
		return 0, err
	case errno != 0:
		return 0, errno
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// Follow reads into p until the end of the file, an error, or until chunk wants
// no more. chunk receives the number of bytes read. The error is nil if chunk
// ended it, and io.EOF at the end. The descriptor must stay open during the
// call. A deadline ends the wait, but not a chunk in progress.
//
// One call for many reads saves the preparations of the poller and, above all,
// the deadline of each. It reads until nothing is left: a read that does not
// fill p may have left the end of the stream behind, and the poller does not
// report that again.
func (c *Conn) Follow(p []byte, chunk func(n int) (more bool)) error {
	var errno syscall.Errno
	var n int
	err := c.raw.Read(func(fd uintptr) (done bool) {
		for {
			n, errno = call(syscall.SYS_READ, fd, p)
			switch {
			case errno == syscall.EAGAIN:
				return false
			case n == 0 || !chunk(n): // n is 0 with an error too
				return true
			}
		}
	})
	switch {
	case err != nil:
		return err
	case errno != 0:
		return errno
	case n == 0:
		return io.EOF
	}
	return nil
}

// Write implements io.Writer: it waits until all is written, or fails.
func (c *Conn) Write(p []byte) (written int, err error) {
	for written < len(p) {
		var n int
		var errno syscall.Errno
		err = c.raw.Write(func(fd uintptr) (done bool) {
			n, errno = call(syscall.SYS_WRITE, fd, p[written:])
			return errno != syscall.EAGAIN
		})
		if err == nil && errno != 0 {
			err = errno
		}
		if err != nil {
			return written, err
		}
		written += n
	}
	return written, nil
}

// call repeats a call that a signal interrupted, such as one of the runtime.
func call(number, fd uintptr, p []byte) (n int, errno syscall.Errno) {
	for {
		got, _, errno := syscall.RawSyscall(number, fd, uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)))
		if errno == syscall.EINTR {
			continue
		}
		if errno != 0 {
			return 0, errno
		}
		return int(got), 0
	}
}
