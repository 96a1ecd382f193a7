package serialbridge

import "time"

// backoff doubles the delay between attempts from min to max. A port that
// stayed open for max starts again at min; one that opens and fails at once
// does not, or it would be opened for ever in a busy loop.
type backoff struct {
	min, max time.Duration
	delay    time.Duration // the last one; 0 at first
}

// next gives the delay before the next attempt: lived is how long the last one
// stayed open, limit a higher bound than max (0: max), and jitter, from 0 to 1,
// spreads the upper half, so that thirty boards behind one hub don't return as
// one.
func (b *backoff) next(lived, limit time.Duration, jitter float64) time.Duration {
	if lived >= b.max {
		b.delay = 0
	}
	b.delay = min(max(2*b.delay, b.min), max(b.max, limit))
	half := b.delay / 2
	return half + time.Duration(jitter*float64(half))
}
