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
// connection, or on Linux the port through its lock's descriptor.
type pollReader struct {
	source  deadliner
	conn    *rawio.Conn  // of source
	ended   func() error // what the end of the stream means
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

// Read gives 0, nil on a timeout, like the library's.
func (r *pollReader) Read(p []byte) (n int, err error) {
	err = r.Follow(p, func(got int) bool { n = got; return false })
	return n, err
}

// Follow reads until the timeout, which counts from its begin whatever comes:
// to set it for every line would cost more than the read.
func (r *pollReader) Follow(p []byte, chunk func(n int) (more bool)) error {
	if err := r.source.SetReadDeadline(time.Now().Add(r.timeout)); err != nil {
		return err
	}
	if r.interrupted.Load() { // its deadline may be overwritten
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

// Interrupt ends Follow, and every later one, unless data keeps coming. Any
// goroutine may call it, and even after Close.
func (r *pollReader) Interrupt() {
	r.interrupted.Store(true)
	_ = r.source.SetReadDeadline(time.Unix(1, 0)) // fails when closed; then there is nothing to end
}
