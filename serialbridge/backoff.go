package serialbridge

import "time"

// backoff doubles the delay between attempts from min to max. A port that stayed
// open for max starts again at min. One that opens and fails at once does not:
// it would be opened for ever in a busy loop.
type backoff struct {
	min, max time.Duration
	delay    time.Duration // the last one; 0 before the first
}

// next returns the delay before the next attempt. lived is how long the last one
// stayed open. limit is a higher bound than max, 0 is max. jitter, from 0 to 1,
// spreads the upper half, so that thirty boards behind one hub do not return at
// the same moment.
func (b *backoff) next(lived, limit time.Duration, jitter float64) time.Duration {
	if lived >= b.max {
		b.delay = 0
	}
	b.delay = min(max(2*b.delay, b.min), max(b.max, limit))
	half := b.delay / 2
	return half + time.Duration(jitter*float64(half))
}
