package backlog

import (
	"slices"
	"time"

	"arduino-gateway/internal/spool"
)

const (
	patience   = time.Minute // that lines may wait before the log tells
	tellAgain  = time.Hour   // while they do
	ofThisTime = time.Minute // a line older than this waits, connected or not
)

// news is what a look at the queues gave.
type news int

const (
	nothing news = iota
	stillBehind
	caughtUp
)

// watch decides when the log tells of a backlog: after a minute, then every
// hour, and when it is gone.
type watch struct {
	since time.Time // when lines began to wait; zero: none do
	told  time.Time // zero: not yet
}

func (w *watch) see(now time.Time, queues []spool.QueueStats) news {
	if !slices.ContainsFunc(queues, func(q spool.QueueStats) bool { return behind(now, q) }) {
		told := !w.told.IsZero()
		*w = watch{}
		if told {
			return caughtUp
		}
		return nothing
	}
	if w.since.IsZero() {
		w.since = now
	}
	if now.Sub(w.since) < patience || !w.told.IsZero() && now.Sub(w.told) < tellAgain {
		return nothing
	}
	w.told = now
	return stillBehind
}

// behind tells whether a queue's lines wait, and are not just on their way.
func behind(now time.Time, q spool.QueueStats) bool {
	if q.Lines == 0 {
		return false
	}
	return !q.Connected || !q.Oldest.IsZero() && now.Sub(q.Oldest) > ofThisTime
}
