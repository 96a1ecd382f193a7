package backlog

import (
	"slices"
	"time"

	"arduino-gateway/internal/spool"
)

const (
	patience = time.Minute // how long lines may wait before the log reports it
	repeat   = time.Hour   // between two reports
	fresh    = time.Minute // a line older than this waits, even if connected
)

// event is what a look at the queues found.
type event int

const (
	nothing event = iota
	stillBehind
	caughtUp
)

// state decides when the log reports a backlog: after a minute, then every hour, and
// when it is gone.
type state struct {
	since    time.Time // when lines began to wait; zero: none wait
	reported time.Time // last; zero: not yet
}

func (s *state) next(now time.Time, queues []spool.QueueStats) event {
	if !slices.ContainsFunc(queues, func(q spool.QueueStats) bool { return behind(now, q) }) {
		reported := !s.reported.IsZero()
		*s = state{}
		if reported {
			return caughtUp
		}
		return nothing
	}
	if s.since.IsZero() {
		s.since = now
	}
	if now.Sub(s.since) < patience || !s.reported.IsZero() && now.Sub(s.reported) < repeat {
		return nothing
	}
	s.reported = now
	return stillBehind
}

// behind reports whether lines of a queue wait, and are not just in flight.
func behind(now time.Time, q spool.QueueStats) bool {
	if q.Lines == 0 {
		return false
	}
	return !q.Connected || !q.Oldest.IsZero() && now.Sub(q.Oldest) > fresh
}
