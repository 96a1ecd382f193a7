package serialbridge

import "time"

// The bounds of what a port writes into a log that is kept for years.
const (
	logRepeat    = time.Minute      // first repetition of an unchanged state; doubles
	logRepeatMax = time.Hour        // longest interval of repetitions
	logBurst     = 10               // changes in a row that are logged, of a flapping port
	logRefill    = 10 * time.Minute // after them one more change for each; a state that lasts is logged sooner
)

// logLimit decides which states to log: each change, but not each flap of a
// loose plug, and an unchanged state at growing intervals. Time is data.
type logLimit struct {
	state   string        // the last one
	since   time.Time     // when it was last logged, or began if that is later
	every   time.Duration // when to repeat it
	full    time.Time     // when the budget for changes is whole again
	skipped int           // changes since the last one logged
}

// due reports whether to log state now, and how many states were skipped before
// it.
func (n *logLimit) due(state string, now time.Time) (due bool, skipped int) {
	if state == n.state {
		due = now.Sub(n.since) >= n.every
		if due {
			n.every = min(2*n.every, logRepeatMax)
		}
	} else {
		n.state, n.since, n.every = state, now, logRepeat
		due = n.spend(now)
	}
	if !due {
		n.skipped++
		return false, 0
	}
	skipped, n.skipped, n.since = n.skipped, 0, now
	return true, skipped
}

// spend takes one change from the budget, if one is left.
func (n *logLimit) spend(now time.Time) bool {
	if n.full.Before(now) {
		n.full = now
	}
	if n.full.Sub(now) > (logBurst-1)*logRefill {
		return false
	}
	n.full = n.full.Add(logRefill)
	return true
}
