package clock

import "time"

// floor is before this program was written.
var floor = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// Evidence is what is known for and against a clock.
type Evidence struct {
	Service      bool // a time service runs
	Synchronised bool // a time service has succeeded
	Battery      bool // the clock was set from one with a battery
}

// Inspect returns the evidence for this machine's clock.
func Inspect() Evidence { return thisSystem().evidence() }

// Plausible reports whether now, as the clock shows it, can be the real time.
func (e Evidence) Plausible(now time.Time) bool {
	return now.After(floor) && (e.certain() || !e.Service)
}

// certain reports whether there is evidence for the clock, not only none against it.
func (e Evidence) certain() bool { return e.Synchronised || e.Battery }
