// Package wake wakes a goroutine that waits: by a signal that is never lost and never
// blocks its sender, or at a time, which may be never.
//
// It knows channels and timers. It does not know who waits, or why.
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

// Timer is a timer that may never fire.
type Timer struct {
	C     <-chan time.Time // receives a value when the time has come; nil is never
	timer *time.Timer
}

// At returns a timer that fires at t. The zero time is never. Call Stop when C is no
// longer needed.
func At(t time.Time) Timer {
	if t.IsZero() {
		return Timer{}
	}
	timer := time.NewTimer(time.Until(t))
	return Timer{timer.C, timer}
}

// Stop releases the timer.
func (t Timer) Stop() {
	if t.timer != nil {
		t.timer.Stop()
	}
}
