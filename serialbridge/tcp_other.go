//go:build !linux

package serialbridge

import (
	"net"
	"time"
)

// limitUnacknowledged is left to the system, which gives up by itself in the end.
func limitUnacknowledged(*net.TCPConn, time.Duration) error { return nil }
