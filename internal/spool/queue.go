package spool

import (
	"context"
	"time"

	"arduino-gateway/internal/wake"
)

// Record is one record of a queue. Data must not be changed.
type Record struct {
	Seq  uint64
	At   time.Time
	Data []byte
}

// Queue is one device's first-in, first-out queue. One goroutine appends and
// commits, one calls Next and Rewind; the others may come from any.
type Queue struct {
	s           *Spool
	hash        uint64
	slot        int
	ready, room wake.Signal

	// Under s.mu.
	name      string    // "" until somebody says it
	seq       uint64    // the last one given out
	committed uint64    // the last one that Next may offer
	acked     uint64    // up to here all is acknowledged or dropped
	noted     uint64    // acked, as the log says it
	seen      uint64    // the last one that was on disk at the last look
	synced    uint64    // the last one that an fsync has made durable
	next      uint64    // Next goes on here
	retry     time.Time // when a read that failed is tried again
	parts     []part    // on disk and not acknowledged, in order
	partLines int
	partBytes int64
	window    window // the newest, all that is not on disk among them
	unstored  int    // how many of them, from the newest, are not on disk
	waiting   int64  // their bytes
	ahead     []held // read back from disk for Next
	dropped   uint64
	connected bool
	limit     int64  // while connected, of bytes()
	bypass    bool   // see SetBypass
	promised  uint64 // the log says that all seqs up to here may be given out

	toldDropped time.Time
}

// QueueStats are a queue's state at one moment; Dropped is a total since Open.
type QueueStats struct {
	Name      string    // "" for a backlog whose name was damaged
	Lines     int       // not acknowledged
	Bytes     int64     // of them, with 32 for each
	Oldest    time.Time // of them; zero where it is not known
	Last      uint64    // the last seq given out
	Dropped   uint64
	Connected bool // somebody takes records out
}

// Append takes a copy of data and gives it the device's next seq, which rises
// over restarts too. Next offers it after Commit.
//
// While connected it blocks where more than Live bytes would wait that did not
// wait when the connection came: a board that prints without a pause is slowed
// down to the broker's pace, and no other is held up by its backlog draining.
// Not connected it never blocks, and neither once ctx ends. Data above MaxData
// is not stored: it is told, counted as dropped, and has no seq of its own.
func (q *Queue) Append(ctx context.Context, at time.Time, data []byte) (seq uint64) {
	s := q.s
	s.mu.Lock()
	defer s.mu.Unlock()
	for !q.fits(len(data)) && ctx.Err() == nil {
		q.commit() // else nobody could take what we wait for
		s.mu.Unlock()
		select {
		case <-q.room:
		case <-ctx.Done():
		}
		s.mu.Lock()
	}
	if len(data) > MaxData {
		q.dropped++
		s.Log.Error("a line is too long for the spool and is lost", "device", q.name, "bytes", len(data), "most", MaxData)
		return q.seq
	}
	q.seq++
	h := q.window.push(q.seq, stamp(at), data)
	q.unstored++
	q.wait(h.size())
	if q.waiting > uncommitted || s.waiting > memoryOnly {
		q.commit()
	}
	return q.seq
}

func (q *Queue) fits(length int) bool {
	waiting := q.bytes()
	return !q.connected || waiting == 0 || waiting+int64(headSize+length) <= q.limit
}

// Commit writes what was appended, and Next offers it. One call for many lines
// is one system call.
func (q *Queue) Commit() {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	q.commit()
}

func (q *Queue) commit() {
	if q.committed == q.seq {
		return
	}
	if q.passesBy() {
		q.promise()
	} else {
		q.s.store(q)
	}
	q.s.boundMemory()
	q.committed = q.seq
	q.shrink()
	q.ready.Set()
}

// passesBy tells whether what was appended needs no disk.
func (q *Queue) passesBy() bool {
	return q.bypass && q.connected && q.waiting <= uncommitted && len(q.parts) == 0
}

// promise writes ahead how far seq may go, since the records that carry it will
// not be there to tell; s.mu is held.
func (q *Queue) promise() {
	if q.seq <= q.promised || !q.s.writable() {
		return
	}
	q.promised = q.seq + promiseStep
	if err := q.s.noteNames(func(other *Queue) bool { return other == q }); err != nil {
		q.s.fail(err)
	}
}

// stored says that so many more records of the window are on disk.
func (q *Queue) stored(p part) {
	q.unstored -= p.count
	q.wait(-p.bytes)
	q.partLines += p.count
	q.partBytes += p.bytes
	if n := len(q.parts); n > 0 && q.parts[n-1].segment == p.segment {
		last := &q.parts[n-1]
		last.last, last.count, last.bytes = p.last, last.count+p.count, last.bytes+p.bytes
		return
	}
	p.segment.parts++
	q.parts = append(q.parts, p)
}

// shrink forgets what can be read back from disk, beyond the queue's part of
// the memory.
func (q *Queue) shrink() {
	most := min(max(int64(windowsTotal/len(q.s.order)), smallestShare), largestWindow)
	for q.window.bytes > most && q.window.n > q.unstored {
		q.window.pop()
	}
}

// wait counts bytes that are in memory only.
func (q *Queue) wait(bytes int64) {
	q.waiting += bytes
	q.s.waiting += bytes
}

// SetConnected says whether somebody is taking records out, which decides
// whether Append may block. A waiting Append looks again at once.
func (q *Queue) SetConnected(connected bool) {
	q.s.mu.Lock()
	q.connected = connected
	q.limit = q.bytes() + int64(q.s.Live)
	if q.bypass && !connected {
		q.s.store(q)
	}
	q.s.mu.Unlock()
	q.room.Set()
}

// SetBypass lets records pass by the disk while connected and nothing waits
// there: for a broker that acknowledges nothing, so that they could not be kept
// until it has them anyway. What is in hand when the connection goes is written
// then, and so is all that comes until the next.
//
// After a restart seq goes on up to 1,024 higher than it would.
func (q *Queue) SetBypass(bypass bool) {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	q.bypass = bypass
	if !bypass {
		q.s.store(q)
	}
}

// gone is how much of the first part is acknowledged. A record's own size is
// not known any more: the part's mean stands for it.
func (q *Queue) gone() (lines int, bytes int64) {
	if len(q.parts) == 0 || q.acked < q.parts[0].first {
		return 0, 0
	}
	p := q.parts[0]
	lines = int(min(q.acked-p.first+1, uint64(p.count)))
	return lines, p.bytes * int64(lines) / int64(p.count)
}

func (q *Queue) lines() int {
	lines, _ := q.gone()
	return q.partLines - lines + q.unstored
}

func (q *Queue) bytes() int64 {
	_, bytes := q.gone()
	return q.partBytes - bytes + q.waiting
}

// Stats reports how much waits, and since when.
func (q *Queue) Stats() QueueStats {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	return q.stats()
}

func (q *Queue) stats() QueueStats {
	return QueueStats{
		Name: q.name, Lines: q.lines(), Bytes: q.bytes(),
		Oldest: q.oldest(), Last: q.seq, Dropped: q.dropped, Connected: q.connected,
	}
}

// oldest is the time of the first record that waits; of one on disk, that of
// the first in its segment, which is near enough.
func (q *Queue) oldest() time.Time {
	switch {
	case len(q.parts) > 0 && q.parts[0].last < q.window.first():
		return unstamp(q.parts[0].at)
	case q.window.n > 0:
		return unstamp(q.window.at(0).at)
	default:
		return time.Time{}
	}
}
