//go:build !linux

package serialbridge

import (
	"net"
	"time"
)

// limitUnacknowledged does nothing: the system itself gives up in the end.
func limitUnacknowledged(*net.TCPConn, time.Duration) error { return nil }
