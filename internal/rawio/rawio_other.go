//go:build !linux

package rawio

import (
	"errors"
	"io"
	"syscall"
)

// Conn is a file or socket; here its own calls are as good as any.
type Conn struct{ io.ReadWriter }

// Follow reads into p until the end, an error, or until chunk, which is told how
// many bytes came, wants no more.
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

// New makes a Conn of an *os.File or a net.Conn.
func New(c syscall.Conn) (*Conn, error) {
	rw, ok := c.(io.ReadWriter)
	if !ok {
		return nil, errors.New("neither a file nor a connection")
	}
	return &Conn{rw}, nil
}
