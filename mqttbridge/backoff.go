package mqttbridge

import "time"

const (
	// settledAfter is how long a connection must live to count as a success:
	// before that its loss makes the next wait longer.
	settledAfter = 30 * time.Second
	// takeoverWithin and takeoverCount make a suspicion: so many connections in
	// a row that the broker closed so soon. A broker closes the older of two
	// connections with one client ID.
	takeoverWithin = 10 * time.Second
	takeoverCount  = 3
)

// backoff decides how long to wait before connecting again. Time is its data.
type backoff struct {
	min, max time.Duration
	failures int // in a row, connections that died young among them
}

// failed counts an attempt that no broker accepted.
func (b *backoff) failed() { b.failures++ }

// lost counts a connection that lived so long.
func (b *backoff) lost(lived time.Duration) {
	if lived >= settledAfter {
		b.failures = 0
	}
	b.failures++
}

// wait is the time until the next attempt: random, so that the clients of a
// broker that comes back do not all knock at once, below a bound that doubles
// from min to max with every failure. chance is in [0, 1).
func (b *backoff) wait(chance float64) time.Duration {
	bound := b.min
	for i := 1; i < b.failures && bound < b.max; i++ {
		bound *= 2
	}
	return time.Duration(chance * float64(min(bound, b.max)))
}

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
	case lived >= settledAfter:
		t.row = 0
	}
	return t.row >= takeoverCount
}
