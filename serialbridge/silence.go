package serialbridge

import "time"

// step is what to do about a board that prints nothing, in this order. Each
// gives it Options.Silence to speak again.
type step uint8

const (
	waitOn     step = iota
	callSilent      // the device is offline
	openAnew        // the adapter may hang
	resetBoard      // the sketch may hang
	raiseAlarm      // a person has to look
)

// The alarm is raised again, after another try of all steps, ever more seldom.
const (
	alarmRepeat = time.Minute
	alarmSeldom = time.Hour
)

// silence climbs a ladder of steps while no line comes. Time is data. It
// outlives the openings of its port.
type silence struct {
	limit time.Duration // Options.Silence; 0 is off
	since time.Time     // when the last line came; at first, when the port was first open
	last  step          // taken
	next  time.Time     // when the next step is due
	again time.Duration // from the last alarm to the next try
}

// opened begins a ladder, unless the ladder itself had the port opened anew.
func (s *silence) opened(at time.Time, boot time.Duration) {
	if s.since.IsZero() {
		s.since = at
	}
	if s.last != openAnew {
		s.last = waitOn
	}
	s.boots(at, boot)
}

// boots gives the board the time until it can speak, beside the usual one.
func (s *silence) boots(at time.Time, boot time.Duration) { s.next = at.Add(boot + s.limit) }

// line ends a silence and tells, where a step was taken, how long it was.
func (s *silence) line(at time.Time) (silent time.Duration, back bool) {
	silent, back = at.Sub(s.since), s.last > waitOn
	s.since, s.last, s.next, s.again = at, waitOn, at.Add(s.limit), 0
	return silent, back
}

// due takes the next step when it is time for it.
func (s *silence) due(at time.Time) step {
	if s.limit == 0 || at.Before(s.next) {
		return waitOn
	}
	if s.last == raiseAlarm {
		s.last = callSilent // that much stays true
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
func (s *silence) skip() { s.next = time.Time{} }
