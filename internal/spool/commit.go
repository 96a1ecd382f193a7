package spool

import (
	"errors"
	"time"
)

// A group commit is one fsync for all queues. Records need it only while they
// wait: one that is acknowledged within half of Options.Sync has cost the card
// no more than its bytes. So the spool looks every half of Sync, and syncs when
// a record that was there at the last look still waits and is not durable. What
// needs no sync gets one within a minute, so that after a power cut no more than
// that comes twice.

// commitLater makes sure of the next look, after a write; s.mu is held.
func (s *Spool) commitLater(now time.Time) {
	if s.lookAt.IsZero() {
		s.lookAt = now.Add(s.Sync / 2)
		s.due(s.lookAt)
	}
	s.restLater(now)
}

// restLater makes sure that all is synced some time; s.mu is held.
func (s *Spool) restLater(now time.Time) {
	if s.restAt.IsZero() {
		s.restAt = now.Add(restEvery)
		s.due(s.restAt)
	}
}

// commitDue tells whether it is time for an fsync; s.mu is held.
func (s *Spool) commitDue(now time.Time) bool {
	if passed(s.restAt, now) || s.unsyncedN >= unsyncedMost {
		return true
	}
	if !passed(s.lookAt, now) {
		return false
	}
	s.lookAt = time.Time{}
	for _, q := range s.order {
		safe := max(q.acked, q.synced)
		if safe < q.seen {
			return true
		}
		if q.seen = q.lastOnDisk(); safe < q.seen {
			s.lookAt = now.Add(s.Sync / 2)
		}
	}
	return false
}

// committing takes what is on disk for durable: the fsync is about to begin, and
// one that fails ends its segment; s.mu is held.
func (s *Spool) committing() {
	s.lookAt, s.restAt = time.Time{}, time.Time{}
	for _, q := range s.order {
		q.synced = q.lastOnDisk()
	}
}

// lastOnDisk is the seq of the newest record that was written and waits; 0 where
// none does.
func (q *Queue) lastOnDisk() uint64 {
	if len(q.parts) == 0 {
		return 0
	}
	return q.parts[len(q.parts)-1].last
}

// sync makes durable all that was written before. An fsync that fails is the
// end of its segment, since a second success would prove nothing.
func (s *Spool) sync() {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.syncFiles()
}

// syncFiles holds s.filing, but s.mu only for a moment: nobody waits for a
// slow card.
func (s *Spool) syncFiles() {
	s.mu.Lock()
	s.noteAcks()
	former, dir := s.unsynced, s.dirNew
	var current File
	if s.current != nil && s.unsyncedN > 0 {
		current = s.current.file
	}
	s.unsynced, s.unsyncedN, s.dirNew = nil, 0, false
	s.committing()
	s.mu.Unlock()

	var errs []error
	for _, f := range former {
		errs = append(errs, f.Sync(), f.Close())
	}
	syncs := len(former)
	if current != nil {
		errs = append(errs, current.Sync())
		syncs++
	}
	if dir {
		errs = append(errs, s.FS.SyncDir(s.Dir))
		syncs++
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Syncs += uint64(syncs)
	if err := errors.Join(errs...); err != nil {
		s.dirNew = s.dirNew || dir
		s.fail(err)
	}
}

// noteAcks writes into the log how far each queue is, so that one fsync does
// for both; s.mu is held.
func (s *Spool) noteAcks() {
	if !s.writable() || !s.ackedSinceNoted() {
		return
	}
	if err := s.noteNames(func(q *Queue) bool { return q.noted != q.acked }); err != nil {
		s.fail(err)
	}
}

// noteNames writes how far these queues are; s.mu is held.
func (s *Spool) noteNames(which func(*Queue) bool) error {
	if err := s.roll(); err != nil {
		return err
	}
	b := s.scratch[:0]
	for _, q := range s.order {
		if which(q) {
			b = q.appendName(b, salt(s.current.number))
			q.noted = q.acked
		}
	}
	s.scratch = b
	if len(b) == 0 { // a segment begun just now says it all
		return nil
	}
	return s.write(b)
}

func (s *Spool) ackedSinceNoted() bool {
	for _, q := range s.order {
		if q.noted != q.acked {
			return true
		}
	}
	return false
}
