package spool

import "time"

// Next returns the oldest record that it did not return since the last Rewind; ok
// is false if there is none.
func (q *Queue) Next() (r Record, ok bool) {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	for {
		q.next = max(q.next, q.acked+1)
		if q.next > q.committed {
			return Record{}, false
		}
		if !q.retry.IsZero() && time.Now().Before(q.retry) {
			return Record{}, false
		}
		m, ok := q.find()
		if ok {
			q.next = m.seq + 1
			return Record{m.seq, unstamp(m.at), m.data}, true
		}
	}
}

// find returns the next record if it is in memory. If not, it reads on from disk,
// or moves q.next behind seqs that have no record. s.mu is held, but not while it
// reads.
func (q *Queue) find() (memRecord, bool) {
	for len(q.ahead) > 0 && q.ahead[0].seq < q.next {
		q.ahead = q.ahead[1:]
	}
	first := q.window.first()
	if q.next < first {
		if len(q.ahead) > 0 && q.ahead[0].seq < first {
			return q.ahead[0], true
		}
		if len(q.ahead) > 0 { // an extent without a record between next and first
			q.next = first
			return memRecord{}, false
		}
		if e, ok := q.disk.find(q.next); ok && e.first < first {
			q.readBack(e)
			return memRecord{}, false
		}
		q.next = min(first, q.committed+1)
		return memRecord{}, false
	}
	i := q.window.find(q.next)
	if i == q.window.n || q.window.at(i).seq > q.committed {
		q.next = q.committed + 1
		return memRecord{}, false
	}
	return *q.window.at(i), true
}

// Rewind makes Next start again from the first unacknowledged record.
func (q *Queue) Rewind() {
	q.s.mu.Lock()
	q.next, q.ahead = q.acked+1, nil
	q.s.mu.Unlock()
}

// Ready is signalled after a Commit. It holds one signal: the receiver calls Next
// until there is nothing left.
func (q *Queue) Ready() <-chan struct{} { return q.ready }

// Ack removes every record up to and including seq.
func (q *Queue) Ack(seq uint64) {
	s := q.s
	s.mu.Lock()
	if seq = min(seq, q.committed); seq > q.acked {
		onDisk := !q.bypass || len(q.disk.list) > 0
		q.forget(seq)
		q.limit = max(int64(s.opts.Live), min(q.limit, q.bytes()+int64(s.opts.Live)))
		if onDisk {
			s.ackLater()
		}
	}
	s.mu.Unlock()
	q.room.Set()
}

// forget moves acked up to seq; s.mu is held.
func (q *Queue) forget(seq uint64) {
	q.acked = seq
	for q.window.n > 0 && q.window.first() <= seq {
		q.forgetInMemory()
	}
	for len(q.disk.list) > 0 && q.disk.list[0].last <= seq {
		if g := q.disk.removeFirst(); g.extents == 0 && g != q.s.log.current {
			q.s.due.makeRoom()
		}
	}
}

// forgetInMemory removes the oldest record in memory.
func (q *Queue) forgetInMemory() {
	onDisk := q.window.n > q.unstored
	r := q.window.pop()
	if !onDisk {
		q.unstored--
		q.wait(-r.size())
	}
}
