package serialbridge

import "time"

// recoveryStep is what to do about a board that prints nothing, in this order. Each
// gives it Options.Silence to speak again.
type recoveryStep uint8

const (
	keepWaiting  recoveryStep = iota
	reportSilent              // the device is offline
	reopenPort                // the adapter may hang
	resetBoard                // the sketch may hang
	raiseAlarm                // a person has to look
)

// The alarm is raised again, after another try of all steps, ever more seldom.
const (
	alarmRepeat = time.Minute
	alarmSeldom = time.Hour
)

// watchdog climbs a ladder of steps while no line comes. Time is data. It
// outlives the openings of its port.
type watchdog struct {
	limit time.Duration // Options.Silence; 0 is off
	since time.Time     // when the last line came; at first, when the port was first open
	last  recoveryStep  // taken
	next  time.Time     // when the next step is due
	again time.Duration // from the last alarm to the next try
}

// opened begins a ladder, unless the ladder itself had the port opened anew.
func (s *watchdog) opened(at time.Time, boot time.Duration) {
	if s.since.IsZero() {
		s.since = at
	}
	if s.last != reopenPort {
		s.last = keepWaiting
	}
	s.boots(at, boot)
}

// boots gives the board the time until it can speak, beside the usual one.
func (s *watchdog) boots(at time.Time, boot time.Duration) { s.next = at.Add(boot + s.limit) }

// line ends a silence and tells, where a step was taken, how long it was.
func (s *watchdog) line(at time.Time) (silent time.Duration, back bool) {
	silent, back = at.Sub(s.since), s.last > keepWaiting
	s.since, s.last, s.next, s.again = at, keepWaiting, at.Add(s.limit), 0
	return silent, back
}

// due takes the next step when it is time for it.
func (s *watchdog) due(at time.Time) recoveryStep {
	if s.limit == 0 || at.Before(s.next) {
		return keepWaiting
	}
	if s.last == raiseAlarm {
		s.last = reportSilent // that much stays true
	}
	s.last++
	s.next = at.Add(s.limit)
	if s.last == raiseAlarm {
		s.again = min(max(2*s.again, alarmRepeat, s.limit), max(alarmSeldom, s.limit))
		s.next = at.Add(s.again)
	}
	return s.last
}

// skip makes the next step due at once, for the last one could not be taken.
func (s *watchdog) skip() { s.next = time.Time{} }
