package gateway

import (
	"fmt"
	"time"
)

const (
	// maxWaiting bounds the waiting commands: what a board with the library does in two or
	// three seconds.
	maxWaiting = 64

	// A device takes commandBurst commands at once, and commandRate a second in the long
	// run. No board does more for long, and each command costs the broker and the journal
	// several messages and records.
	commandRate  = 50
	commandBurst = 1000
)

var (
	errWaiting  = fmt.Errorf("busy: %d commands are already waiting", maxWaiting)
	errTooOften = fmt.Errorf("busy: more than %d commands at once, or %d a second for long", commandBurst, commandRate)
)

// budget is how many commands a device may still take: a bucket of commandBurst tokens, to
// which commandRate a second are added. The zero value is full.
type budget struct {
	spent float64
	at    time.Time
}

// take takes a token, and reports whether there was one.
func (b *budget) take(now time.Time) bool {
	b.spent = max(0, b.spent-max(0, now.Sub(b.at).Seconds())*commandRate)
	b.at = now
	if b.spent+1 > commandBurst {
		return false
	}
	b.spent++
	return true
}

// surplus counts the commands that are rejected as busy, so that the log has one line with
// their number: a second after the first, and once a minute while more come.
type surplus struct {
	count uint64
	why   error
	due   time.Time // of the next line; zero: none
}

// add counts a command, and reports whether a line became due for it.
func (s *surplus) add(now time.Time, why error) (begins bool) {
	s.count++
	s.why = why
	if s.due.IsZero() {
		s.due = now.Add(time.Second)
		return true
	}
	return false
}

// take returns how many were counted since the last line, if a line is due, else 0.
func (s *surplus) take(now time.Time) (count uint64, why error) {
	if s.due.IsZero() || now.Before(s.due) {
		return 0, nil
	}
	count, why = s.count, s.why
	*s = surplus{}
	if count > 0 {
		s.due = now.Add(logEvery)
	}
	return count, why
}
