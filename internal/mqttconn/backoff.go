package mqttconn

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"
)

const (
	// SettledAfter is how long a connection must live to count as a success.
	// Losing it earlier makes the next wait longer.
	SettledAfter = 30 * time.Second

	// DefaultMin bounds the first wait, DefaultMax every wait.
	DefaultMin = 250 * time.Millisecond
	DefaultMax = 10 * time.Second
)

// Backoff decides how long to wait before connecting again.
type Backoff struct {
	min, max time.Duration
	failures int // in a row, connections that died young among them
}

// NewBackoff returns a Backoff whose bound doubles with every failure, from min
// to max; 0 is DefaultMin and DefaultMax.
func NewBackoff(min, max time.Duration) Backoff {
	return Backoff{min: cmp.Or(min, DefaultMin), max: cmp.Or(max, DefaultMax)}
}

// Failed counts an attempt that no broker accepted.
func (b *Backoff) Failed() { b.failures++ }

// Lost counts a connection that lived this long.
func (b *Backoff) Lost(lived time.Duration) {
	if lived >= SettledAfter {
		b.failures = 0
	}
	b.failures++
}

// Sleep waits until the next attempt or until ctx is cancelled.
func (b *Backoff) Sleep(ctx context.Context) {
	select {
	case <-time.After(b.wait(rand.Float64())):
	case <-ctx.Done():
	}
}

// wait returns the time until the next attempt. It is random, so that the
// clients of a broker that comes back do not all connect at once. chance is in
// [0, 1).
func (b *Backoff) wait(chance float64) time.Duration {
	bound := b.min
	for i := 1; i < b.failures && bound < b.max; i++ {
		bound *= 2
	}
	return time.Duration(chance * float64(min(bound, b.max)))
}
