package spool

import (
	"errors"
	"time"
)

var (
	errFull        = errors.New("the disk is nearly full")
	errFailedAgain = errors.New("the disk failed again during the attempt")
)

// writable is false while the disk has failed, and after Close; s.mu is held.
func (s *Spool) writable() bool { return s.failedSince.IsZero() && !s.closed }

// fail makes the spool work in memory only; s.mu is held. The records of a
// failed write are written again later. If that write could not be undone, they
// are there twice, and a reader knows the second copy by its seq.
func (s *Spool) fail(err error) {
	s.log.undo()
	now := time.Now()
	s.due.retry(now)
	if !s.failedSince.IsZero() {
		return
	}
	s.failedSince = now
	_ = s.acks.mark(stateFailed, s.queues.floor) // lines may get seqs that no disk knows
	s.opts.Log.Error("the spool cannot write: lines are kept in memory",
		"dir", s.opts.Dir, "error", err, "memory", int64(maxMemoryOnly))
}

// boundMemory drops records while there is no disk and too much is in memory
// only: each time the oldest of the queue with the most; s.mu is held.
func (s *Spool) boundMemory() {
	for !s.writable() && s.queues.waiting > maxMemoryOnly {
		most := s.queues.mostInMemory()
		for most.window.n > most.unstored {
			most.window.pop()
		}
		most.forgetInMemory()
		most.dropped++
		most.logDropped(time.Now(), "the disk has failed and memory is full", "memory", maxMemoryOnly)
	}
}

// retryDisk tries the failed disk again. If it works, all that waits is written.
func (s *Spool) retryDisk(now time.Time) {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.due.retryAt = time.Time{}
		return
	}
	s.due.retryAt = now.Add(retryEvery)
	if err := s.tryDisk(); err != nil {
		s.opts.Log.Debug("the spool still cannot write", "error", err)
		return
	}
	outage := now.Sub(s.failedSince)
	s.failedSince, s.due.retryAt = time.Time{}, time.Time{}
	for _, q := range s.queues.order {
		q.store()
		q.shrink()
	}
	s.queues.floor = max(s.queues.floor, s.queues.highest()+promise)
	if err := s.writeFloor(); err != nil {
		s.fail(err)
	}
	if s.failedSince.IsZero() {
		s.due.syncAt = now
		s.opts.Log.Info("the spool writes again", "dir", s.opts.Dir, "after", outage.Round(time.Second))
	}
}

// tryDisk makes a new segment, and syncs it with those that could not be synced before:
// only an fsync shows that the disk works. s.mu is held but for the fsyncs, during which
// s.failedSince keeps all others from writing.
func (s *Spool) tryDisk() error {
	if err := s.takeUpLateFolder(); err != nil {
		return err
	}
	if free := s.log.fs.Free(s.opts.Dir); free >= 0 && free < s.queues.waiting+2*s.log.segmentSize {
		return errFull // a full disk that frees a few bytes now and then is of no use
	}
	if err := s.reopenAcks(); err != nil {
		return err
	}
	if err := s.roll(); err != nil {
		return err
	}
	g := s.log.current
	s.log.newNames = true
	err := s.syncUnsynced()
	if s.log.current != g {
		return errFailedAgain
	}
	if err != nil {
		s.log.discard()
	}
	return err
}
