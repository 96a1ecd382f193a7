package serialbridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"arduino-gateway/internal/netdial"
	"arduino-gateway/internal/rawio"
)

// openTCP connects to a server that passes on the bytes of a serial port as they
// are, such as ser2net or an ESP bridge. The server sets the rate of the port.
func (d dialer) openTCP(ctx context.Context, address string) (*tcpPort, error) {
	local := net.Dialer{Timeout: d.connect, KeepAliveConfig: d.keepAlive}
	c, err := netdial.Dial(ctx, &local, address)
	if err != nil {
		return nil, netdial.StripLocalPort(err)
	}
	conn := c.(*net.TCPConn)
	raw, err := rawio.New(conn)
	if err == nil {
		err = limitUnacknowledged(conn, d.deadAfter())
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	p := &tcpPort{conn: conn, out: raw, write: d.write}
	p.pollReader = pollReader{source: conn, conn: raw, ended: func() error { return p.closeReason(io.EOF) }}
	return p, nil
}

// deadAfter returns how long a server may be silent before it counts as dead.
func (d dialer) deadAfter() time.Duration {
	return d.keepAlive.Idle + time.Duration(d.keepAlive.Count)*d.keepAlive.Interval
}

// tcpPort is a connection to a server of serial ports.
type tcpPort struct {
	pollReader
	conn  *net.TCPConn
	out   *rawio.Conn // of conn
	write time.Duration
	first serverMessage
}

// Follow is that of pollReader, and keeps the first bytes of the server.
func (p *tcpPort) Follow(b []byte, chunk func(n int) (more bool)) error {
	return p.pollReader.Follow(b, func(n int) bool {
		p.first.add(b[:n])
		return chunk(n)
	})
}

func (p *tcpPort) Read(b []byte) (n int, err error) {
	err = p.Follow(b, func(got int) bool { n = got; return false })
	return n, err
}

// Write takes no longer than the dialer allows: a server that reads nothing must
// not hold a writer.
func (p *tcpPort) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(p.write)); err != nil {
		return 0, err
	}
	return p.out.Write(b)
}

// Discard ends a Write under way. The kernel sends or drops what it holds, and
// closing does not wait for it.
func (p *tcpPort) Discard() { _ = p.conn.SetWriteDeadline(time.Unix(1, 0)) }

func (p *tcpPort) Close() error { return p.conn.Close() }

// closeReason returns the error of a failed read or write. Unless it is a
// timeout, the server has ended the connection. ser2net says why in the one line
// before:
//
//	Port already in use
func (p *tcpPort) closeReason(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	if text := p.first.text(); text != "" {
		return fmt.Errorf("%w, saying %q", errServerClosed, text)
	}
	return fmt.Errorf("%w: %w", errServerClosed, err)
}
