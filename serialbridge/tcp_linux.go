package serialbridge

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// limitUnacknowledged ends a connection if its peer has acknowledged nothing
// that was sent for limit. The kernel probes only an idle connection. After a
// command into the void it would otherwise try for a quarter of an hour.
func limitUnacknowledged(c *net.TCPConn, limit time.Duration) error {
	raw, err := c.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.Milliseconds()))
	})
	if err != nil {
		return err
	}
	return set
}
