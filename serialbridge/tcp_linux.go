package serialbridge

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// limitUnacknowledged gives a connection up when its peer has not acknowledged
// what was sent for so long. The kernel probes only an idle connection; after a
// command into the void it would otherwise go on for a quarter of an hour.
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
