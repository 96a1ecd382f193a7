package spool

import (
	"context"
	"errors"
	"time"
)

// Run does what must be done in time: the group commit, the return to a disk
// that had failed, and making room. It ends, after a last commit, when ctx
// does, always with nil.
func (s *Spool) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			s.sync()
			return nil
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
		if wait, ok := s.work(time.Now()); ok {
			timer.Reset(wait)
		}
	}
}

// due makes sure that Run wakes at that time; s.mu is held.
func (s *Spool) due(at time.Time) {
	if s.armed.IsZero() || at.Before(s.armed) {
		s.wake.Set()
	}
}

// work does what is due, and says how long nothing else will be.
func (s *Spool) work(now time.Time) (wait time.Duration, ok bool) {
	s.mu.Lock()
	back := passed(s.retryAt, now)
	commit := s.commitDue(now)
	room := s.toRoom
	if passed(s.ackAt, now) {
		s.writeAcks(now)
	}
	s.mu.Unlock()
	if back {
		s.comeBack(now)
	}
	if commit {
		s.sync()
	}
	if room {
		s.makeRoom()
	}
	return s.arm(time.Now())
}

func passed(due, now time.Time) bool { return !due.IsZero() && !due.After(now) }

// arm finds the next time at which something is due.
func (s *Spool) arm(now time.Time) (wait time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = time.Time{}
	for _, at := range []time.Time{s.lookAt, s.restAt, s.ackAt, s.retryAt} {
		if !at.IsZero() && (s.armed.IsZero() || at.Before(s.armed)) {
			s.armed = at
		}
	}
	return s.armed.Sub(now), !s.armed.IsZero()
}

// Close commits for the last time. Afterwards the queues work in memory only.
// It may be called twice, and without Run.
func (s *Spool) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	for _, q := range s.order {
		q.bypass = false
		s.store(q)
		q.commit()
	}
	s.mu.Unlock()
	s.sync()
	s.makeRoom()
	s.sync()

	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tellLost()
	var err error
	if s.down.IsZero() {
		err = s.endAcks()
		s.down = time.Now()
	}
	s.closeAcks()
	s.seal()
	for _, f := range s.unsynced {
		err = errors.Join(err, f.Close())
	}
	s.unsynced, s.closed = nil, true
	return err
}

// tellLost says what ends with the process; s.mu is held.
func (s *Spool) tellLost() {
	lines := 0
	for _, q := range s.order {
		lines += q.unstored
	}
	if lines > 0 {
		s.Log.Error("lines that could not be written are lost with this stop", "lines", lines, "dir", s.Dir)
	}
}
