//go:build !linux

package rawio

import (
	"errors"
	"io"
	"syscall"
)

// Conn is a file or socket; here its own calls are as good as any.
type Conn struct{ io.ReadWriter }

// New makes a Conn of an *os.File or a net.Conn.
func New(c syscall.Conn) (*Conn, error) {
	rw, ok := c.(io.ReadWriter)
	if !ok {
		return nil, errors.New("neither a file nor a connection")
	}
	return &Conn{rw}, nil
}
