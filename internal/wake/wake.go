// Package wake wakes a goroutine that waits: by a signal that is never lost and never
// blocks its sender, or at a time, which may be never.
//
// It knows channels and timers, and nothing of who waits or why.
package wake

import "time"

// Signal tells one receiver that there is something to do. It holds one value, so that
// any number of calls of Set before the receiver looks are one. Receive from it to
// wait for it.
type Signal chan struct{}

// NewSignal returns a Signal that is not set.
func NewSignal() Signal { return make(Signal, 1) }

// Set sets the signal. It never blocks; a signal that is set already stays so.
func (s Signal) Set() {
	select {
	case s <- struct{}{}:
	default:
	}
}

// At returns a channel that receives a value at t, and the function that releases its
// timer. The zero time is never: then the channel is nil.
func At(t time.Time) (due <-chan time.Time, stop func()) {
	if t.IsZero() {
		return nil, func() {}
	}
	timer := time.NewTimer(time.Until(t))
	return timer.C, func() { timer.Stop() }
}
