package spool

import "time"

// A seq must never be assigned twice, even after a run that could not say which ones
// it had assigned. So the spool makes a promise ahead: no seq is above the floor. The
// floor is in the head of the file acks and at the beginning of each segment, and it
// rises long before a queue comes near it.
//
// A run that may not know every seq of the one before begins above the floor. While the
// disk fails the floor cannot rise, hence the distance.

const (
	promise = 1 << 20 // seqs ahead of the highest one
	// leap is more than a board can send in 3 days at 4,000 lines per second, or in 3
	// years at 10. JSON carries numbers up to 2^53 exactly.
	leap = 1 << 30
)

// floorHash is the queue of the records that carry the floor: that of an empty name.
var floorHash = hashOf("")

// unknownBase returns a seq above those of earlier runs, for a start that knows nothing
// of them: 2^20 for each second, which no spool reaches.
func unknownBase(now time.Time) uint64 {
	const year2024 = 1_704_067_200 // a clock before it is wrong
	return uint64(max(now.Unix(), year2024)) << 20
}

// beginAt lets every queue assign only seqs above base, also those to come; s.mu is
// held.
func (s *Spool) beginAt(base uint64) {
	s.base = base
	for _, q := range s.queues.order {
		q.seq = max(q.seq, base)
		q.committed = q.seq
	}
	s.queues.floor = max(s.queues.highest(), base) + promise
}

// promiseAhead raises the floor if seq comes near it; s.mu is held.
func (s *Spool) promiseAhead(seq uint64) {
	if seq+promise/2 <= s.queues.floor || !s.writable() {
		return
	}
	s.queues.floor = seq + promise
	if err := s.writeFloor(); err != nil {
		s.fail(err)
		return
	}
	s.due.syncAt = time.Now()
	s.due.wake.Set()
}

// writeFloor writes the floor, without an fsync; s.mu is held.
func (s *Spool) writeFloor() error {
	if err := s.acks.mark(stateRunning, s.queues.floor); err != nil {
		return err
	}
	if err := s.roll(); err != nil {
		return err
	}
	s.log.scratch = s.queues.appendFloor(s.log.scratch[:0], s.log.current.number)
	return s.write(s.log.scratch)
}
