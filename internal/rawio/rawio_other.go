//go:build !linux

package rawio

import (
	"errors"
	"io"
	"syscall"
)

// Conn is a file or socket. On this system its own calls do as well.
type Conn struct{ io.ReadWriter }

// Follow reads into p until the end, an error, or until chunk wants no more.
// chunk receives the number of bytes read.
func (c *Conn) Follow(p []byte, chunk func(n int) (more bool)) error {
	for {
		n, err := c.Read(p)
		if n > 0 && !chunk(n) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// New returns a Conn for an *os.File or a net.Conn.
func New(c syscall.Conn) (*Conn, error) {
	rw, ok := c.(io.ReadWriter)
	if !ok {
		return nil, errors.New("neither a file nor a connection")
	}
	return &Conn{rw}, nil
}
