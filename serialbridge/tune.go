package serialbridge

import (
	"errors"
	"time"
)

// errRetuned ends an opening whose baud rate changes: the next one begins at once.
var errRetuned = errors.New("it reopens at another baud rate")

// Tuning is the part of Options that can change during Run.
type Tuning struct {
	Baud         int
	Gap, Silence time.Duration
}

// Tune changes options within a second, or at the next open. Lines that wait in
// Write stay there. Only another Baud reopens the port.
func (p *Port) Tune(t Tuning) { p.tuning.Store(&t) }

// retune applies what Tune has stored. It reports whether the port must be opened
// again.
func (p *Port) retune() (t *Tuning, reopen bool) {
	if p.tuning.Load() == nil {
		return nil, false
	}
	t = p.tuning.Swap(nil)
	if reopen = t.Baud != p.options.Baud; reopen {
		p.stats.baud.Store(0)
		p.clearProblem()
	}
	p.options.Baud, p.options.Gap, p.options.Silence = t.Baud, t.Gap, t.Silence
	return t, reopen
}

// retuneClosed applies what Tune has stored while the port is closed.
func (p *Port) retuneClosed() {
	if t, _ := p.retune(); t != nil && t.Silence != p.watchdog.limit {
		p.watchdog.setLimit(t.Silence, time.Now())
	}
}

// retune applies what Tune has stored to an opening.
func (s *session) retune() {
	t, reopen := s.port.retune()
	if t == nil {
		return
	}
	s.stale = reopen
	s.link.setGap(t.Gap)
	w := &s.port.watchdog
	if t.Silence == w.limit {
		return
	}
	w.setLimit(t.Silence, s.at)
	if w.limit > 0 {
		return
	}
	if s.port.alarms.standing != (alarm{}) {
		s.port.alarms.standing = alarm{}
		s.port.clearProblem()
	}
	if s.ready && !s.reported {
		s.reportReady()
	}
}

// setLimit changes the limit. The board has its time from its last line on; if none was
// looked at so far, from now on.
func (w *watchdog) setLimit(limit time.Duration, now time.Time) {
	before := w.limit
	w.limit = limit
	switch {
	case limit == 0:
		w.last, w.cycles, w.pause, w.proof = keepWaiting, 0, 0, time.Time{}
	case before == 0:
		w.last, w.since, w.next, w.proof = keepWaiting, now, now.Add(limit), time.Time{}
		w.steady = now.Add(max(steadyFor, limit))
	case w.last == keepWaiting && !w.next.IsZero():
		w.next = w.next.Add(limit - before)
	}
}
