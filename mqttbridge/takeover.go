package mqttbridge

import (
	"time"

	"arduino-gateway/internal/mqttconn"
)

const (
	// takeoverCount connections in a row that the broker closed within
	// takeoverWithin are suspicious: a broker closes the older of two connections
	// with one client ID.
	takeoverWithin = 10 * time.Second
	takeoverCount  = 3
)

// takeovers detects two clients with one ID, which end each other's connections for
// ever.
type takeovers struct {
	row int // connections in a row that the broker closed early
}

// failed counts an attempt that no broker accepted: then the broker itself comes
// and goes.
func (t *takeovers) failed() { t.row = 0 }

// lost counts a connection that lived this long, and reports whether another client
// with the same ID is likely.
func (t *takeovers) lost(lived time.Duration, closedByBroker bool) (suspect bool) {
	switch {
	case lived < takeoverWithin && closedByBroker:
		t.row++
	case lived >= mqttconn.SettledAfter:
		t.row = 0
	}
	return t.row >= takeoverCount
}
