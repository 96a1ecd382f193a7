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
		case <-s.due.wake:
		case <-timer.C:
		}
		timer.Stop()
		if wait, ok := s.work(time.Now()); ok {
			timer.Reset(wait)
		}
	}
}

// work does everything that is due, and returns the time until the next work; ok
// is false if there is none.
func (s *Spool) work(now time.Time) (wait time.Duration, ok bool) {
	s.mu.Lock()
	retry := passed(s.due.retryAt, now)
	commit := s.commitDue(now)
	late := passed(s.due.lateAt, now)
	room := s.due.room || passed(s.due.roomAt, now)
	if passed(s.due.ackAt, now) {
		s.writeAcks(now)
	}
	s.mu.Unlock()
	if retry {
		s.retryDisk(now)
	}
	if commit {
		s.sync()
	}
	if room {
		s.makeRoom()
	}
	if late {
		s.readLate(now)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.due.arm(time.Now())
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
	for _, q := range s.queues.order {
		q.bypass = false
		q.store()
		q.commit()
	}
	failed := !s.writable()
	s.mu.Unlock()
	s.disk.Hurry()
	if failed {
		s.retryDisk(time.Now()) // once more before lines are lost
	}
	s.sync()
	s.makeRoom()
	s.sync()

	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if lines := s.queues.unstored(); lines > 0 {
		s.opts.Log.Error("lines lost at shutdown: the spool could not write them", "lines", lines, "dir", s.opts.Dir)
	}
	var err error
	if s.failedSince.IsZero() {
		s.writeAcks(time.Now())
		err = s.acks.markClean(s.queues.floor)
	}
	s.acks.close()
	s.closed = true
	err = errors.Join(err, s.log.closeAll())
	s.log.fs.Close()
	return err
}
