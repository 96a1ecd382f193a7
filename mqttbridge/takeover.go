package mqttbridge

import (
	"time"

	"arduino-gateway/internal/mqttconn"
)

const (
	// takeoverWithin and takeoverCount make a suspicion: so many connections in a
	// row that the broker closed so soon. A broker closes the older of two
	// connections with one client ID.
	takeoverWithin = 10 * time.Second
	takeoverCount  = 3
)

// takeovers watches for two clients with one ID, which close each other's
// connections for ever.
type takeovers struct {
	row int // connections in a row that the broker closed young
}

// failed tells of an attempt that no broker accepted: then it is the broker
// that comes and goes.
func (t *takeovers) failed() { t.row = 0 }

// lost counts a connection that lived so long, and tells whether another
// client with the same ID is to be suspected.
func (t *takeovers) lost(lived time.Duration, closedByBroker bool) (suspect bool) {
	switch {
	case lived < takeoverWithin && closedByBroker:
		t.row++
	case lived >= mqttconn.SettledAfter:
		t.row = 0
	}
	return t.row >= takeoverCount
}
