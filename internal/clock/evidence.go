package clock

import "time"

// floor is before this program was written.
var floor = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// Evidence is what speaks for a clock and against it.
type Evidence struct {
	Service      bool // a time service runs
	Synchronised bool // and has said that it succeeded
	Battery      bool // the clock was set from one that runs on a battery
}

// Look gives the evidence for this machine's clock.
func Inspect() Evidence { return thisSystem().evidence() }

// Plausible tells whether now, as the clock has it, can be the time.
func (e Evidence) Plausible(now time.Time) bool {
	return now.After(floor) && (e.Synchronised || e.Battery || !e.Service)
}
