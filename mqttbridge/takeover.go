package mqttbridge

import (
	"errors"
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

var errClosedEarly = errors.New("the broker keeps closing the connection soon after accepting it (hint: look in the log of the broker: " +
	"another client may use this client ID, or an access rule or a size limit may refuse a message)")

// watch detects another client with the same ID after a connection that lived this
// long, and reports whether the broker closed it early.
func (s *Session) watch(lived time.Duration, err error) (early bool) {
	closed := mqttconn.ClosedByPeer(err)
	if s.takeovers.lost(lived, closed) {
		s.counted.takeovers.Add(1)
		if s.rivalry.get() == nil { // else it is known who
			s.raise(twin, "connections end early", errClosedEarly,
				"client_id", s.options.ClientID, "connections", takeoverCount, "each_within", takeoverWithin)
		}
	}
	return closed && lived < takeoverWithin
}

// settled ends the suspicion: the connection has lived long enough.
func (s *Session) settled(conn *mqttconn.Conn) {
	s.takeovers, s.yields = takeovers{}, 0
	s.clear(twin, "connected", "broker", conn.Broker(), "session_present", conn.SessionPresent())
}
