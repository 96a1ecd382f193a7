package mqttconn

import (
	"net"

	"arduino-gateway/internal/rawio"
)

// tcp is a TCP connection whose reads and writes do not wake the scheduler.
type tcp struct {
	*net.TCPConn
	quiet *rawio.Conn
}

// quietly wraps a TCP connection and returns any other unchanged.
func quietly(c net.Conn) net.Conn {
	inner, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	quiet, err := rawio.New(inner)
	if err != nil {
		return c
	}
	return &tcp{inner, quiet}
}

func (c *tcp) Read(p []byte) (int, error)  { return c.quiet.Read(p) }
func (c *tcp) Write(p []byte) (int, error) { return c.quiet.Write(p) }
