package serialbridge

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"

	"arduino-gateway/internal/rawio"
)

// pollReader reads a descriptor that the runtime's poller waits for: a
// connection, or on Linux the port through the descriptor of its lock.
type pollReader struct {
	source  deadliner
	conn    *rawio.Conn  // of source
	ended   func() error // returns what the end of the stream means
	timeout time.Duration

	interrupted atomic.Bool
}

// deadliner is an *os.File or a net.Conn.
type deadliner interface {
	SetReadDeadline(time.Time) error
}

func (r *pollReader) SetReadTimeout(d time.Duration) error {
	r.timeout = d
	return nil
}

// Read returns 0, nil on a timeout, as the library does.
func (r *pollReader) Read(p []byte) (n int, err error) {
	err = r.Follow(p, func(got int) bool { n = got; return false })
	return n, err
}

// Follow reads until the timeout, which counts from the start of the call.
// Setting it for every line would cost more than the read.
func (r *pollReader) Follow(p []byte, chunk func(n int) (more bool)) error {
	if err := r.source.SetReadDeadline(time.Now().Add(r.timeout)); err != nil {
		return err
	}
	if r.interrupted.Load() { // our deadline may have replaced that of Interrupt
		return nil
	}
	err := r.conn.Follow(p, chunk)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil
	case errors.Is(err, io.EOF):
		return r.ended()
	}
	return err
}

// Interrupt ends Follow and every later call of it, unless data keeps coming.
// Any goroutine may call it, even after Close.
func (r *pollReader) Interrupt() {
	r.interrupted.Store(true)
	_ = r.source.SetReadDeadline(time.Unix(1, 0)) // it fails if the descriptor is closed, and then no read waits
}
