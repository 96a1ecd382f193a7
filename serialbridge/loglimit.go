package serialbridge

import "time"

// The bounds of what a port may write into a log that somebody keeps for years.
const (
	logRepeat    = time.Minute // first repetition of an unchanged state; doubles
	logRepeatMax = time.Hour   // and then as seldom as that
	logBurst     = 10          // changes in a row, of a flapping port, and then
	logRefill    = time.Minute // one more each
)

// logLimit decides what is worth a line in the log: each change of state, but
// not each flap of a loose plug, and an unchanged state ever more seldom. Time
// is data.
type logLimit struct {
	state   string        // the last one seen
	logged  time.Time     // when it was logged last
	every   time.Duration // when to repeat it
	full    time.Time     // when the budget for changes is whole again
	skipped int           // since the last one logged
}

// due tells whether to log state now, and how many were passed over before it.
func (n *logLimit) due(state string, now time.Time) (due bool, skipped int) {
	if state == n.state {
		due = now.Sub(n.logged) >= n.every
		if due {
			n.every = min(2*n.every, logRepeatMax)
		}
	} else {
		n.state, n.every = state, logRepeat
		due = n.spend(now)
	}
	if !due {
		n.skipped++
		return false, 0
	}
	skipped, n.skipped, n.logged = n.skipped, 0, now
	return true, skipped
}

// spend takes one change from the budget, if there is one.
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
