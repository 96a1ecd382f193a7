package spool

import (
	"sort"
	"time"
)

// Next gives the oldest record not yet given since the last Rewind; ok is false
// where there is none.
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
		h, ok := q.find()
		if ok {
			q.next = h.seq + 1
			return Record{h.seq, unstamp(h.at), h.data}, true
		}
	}
}

// find looks for the next record in memory. Where it is not there it reads on,
// or moves next behind what does not exist; s.mu is held but while it reads.
func (q *Queue) find() (held, bool) {
	for len(q.ahead) > 0 && q.ahead[0].seq < q.next {
		q.ahead = q.ahead[1:]
	}
	first := q.window.first()
	if q.next < first {
		if len(q.ahead) > 0 && q.ahead[0].seq < first {
			return q.ahead[0], true
		}
		if len(q.ahead) > 0 { // a part without a record between next and first
			q.next = first
			return held{}, false
		}
		i := sort.Search(len(q.parts), func(i int) bool { return q.parts[i].last >= q.next })
		if i < len(q.parts) && q.parts[i].first < first {
			q.readAhead(q.parts[i])
			return held{}, false
		}
		q.next = min(first, q.committed+1)
		return held{}, false
	}
	i := q.window.find(q.next)
	if i == q.window.n || q.window.at(i).seq > q.committed {
		q.next = q.committed + 1
		return held{}, false
	}
	return *q.window.at(i), true
}

// Rewind makes Next start again from the first record not acknowledged.
func (q *Queue) Rewind() {
	q.s.mu.Lock()
	q.next, q.ahead = q.acked+1, nil
	q.s.mu.Unlock()
}

// Ready is signalled after a Commit. It has room for one signal: whoever takes
// it calls Next until there is nothing left.
func (q *Queue) Ready() <-chan struct{} { return q.ready }

// Ack forgets every record up to and including seq.
func (q *Queue) Ack(seq uint64) {
	s := q.s
	s.mu.Lock()
	if seq = min(seq, q.committed); seq > q.acked {
		onDisk := !q.bypass || len(q.parts) > 0
		q.forget(seq)
		q.limit = max(int64(s.Live), min(q.limit, q.bytes()+int64(s.Live)))
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
	for len(q.parts) > 0 && q.parts[0].last <= seq {
		p := q.parts[0]
		q.parts = q.parts[1:]
		q.partLines -= p.count
		q.partBytes -= p.bytes
		if p.segment.parts--; p.segment.parts == 0 && p.segment != q.s.current {
			q.s.toRoom = true
			q.s.wake.Set()
		}
	}
}

func (q *Queue) forgetInMemory() {
	onDisk := q.window.n > q.unstored
	h := q.window.pop()
	if !onDisk {
		q.unstored--
		q.wait(-h.size())
	}
}
