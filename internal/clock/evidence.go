package clock

import "time"

// floor is before this program was written.
var floor = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

// evidence is what speaks for a clock and against it.
type evidence struct {
	waiting      bool // a time service runs
	synchronised bool // and has said that it succeeded
	battery      bool // the clock was set from one that runs on a battery
}

func (e evidence) believable(now time.Time) bool {
	return now.After(floor) && (e.synchronised || e.battery || !e.waiting)
}
