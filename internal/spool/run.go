package spool

import (
	"context"
	"errors"
	"time"
)

// Run does the spool's work in the background: group commits, attempts to write
// to a failed disk again, and deletion of old segments. When ctx ends it closes
// the spool and returns the error of Close: all records are then on disk and the
// files are closed.
func (s *Spool) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.Close()
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

// Close writes and syncs everything and closes the files; the queues then work
// in memory only. Run calls it at its end. It may be called without Run, and more
// than once.
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
