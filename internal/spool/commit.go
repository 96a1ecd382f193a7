package spool

import "time"

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
