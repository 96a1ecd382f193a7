package spool

import (
	"context"
	"time"

	"arduino-gateway/internal/wake"
)

const (
	windowsTotal   = 3 << 20   // bytes that the windows of all queues share
	largestWindow  = 256 << 10 // of one queue
	smallestWindow = 32 << 10  // of one queue, however many there are
	reserveStep    = 1 << 10   // seqs that one write reserves while records bypass the disk
)

// Record is one record of a queue. Data must not be changed.
type Record struct {
	Seq  uint64
	At   time.Time
	Data []byte
}

// Queue is one device's first-in, first-out queue. One goroutine appends and
// commits, one calls Next and Rewind; the other methods may be called from any.
type Queue struct {
	s           *Spool
	hash        uint64
	ready, room wake.Signal

	// Under s.mu.
	name      string // "" until Spool.Queue was called, if the disk has none
	used      bool   // Spool.Queue was called
	seq       uint64 // the last one assigned
	committed uint64 // the last one that Next may return
	acked     uint64 // up to here all is acknowledged or dropped
	loggedAck uint64 // acked, as it is in the log
	checked   uint64 // the last one that was on disk at the last check for an fsync
	synced    uint64 // the last one that an fsync has made durable
	reserved  uint64 // the log allows all seqs up to here to be assigned without a record
	dropped   uint64

	disk     extents // on disk and not acknowledged
	window   window  // the newest records, among them all that are not on disk
	unstored int     // how many of them, from the newest, are not on disk
	waiting  int64   // their bytes

	next  uint64      // where Next goes on
	ahead []memRecord // read back from disk for Next
	retry time.Time   // when Next may try a failed read again

	connected bool
	limit     int64 // of bytes() while connected
	bypass    bool  // see SetBypass

	dropLogged time.Time
}

// QueueStats are a queue's state at one moment; Dropped is a total since Open.
type QueueStats struct {
	Name      string    // "" for a backlog whose name was damaged
	Lines     int       // records that are not acknowledged
	Bytes     int64     // of those records, with 32 for each
	Oldest    time.Time // of those records; zero if it is not known
	Last      uint64    // the last seq assigned
	Dropped   uint64
	Connected bool // as SetConnected set it
}

// Append takes a copy of data and returns its seq, which also rises over
// restarts. Next returns the record after Commit.
//
// While connected, Append blocks if more than Live bytes would wait in addition to
// those that waited when the connection came. This slows a board that prints
// without a pause down to the broker's pace, and does not hold up a board while
// its backlog is delivered. Append does not block while disconnected, nor when ctx
// is done. Data above MaxData is not stored: it is logged and counted as dropped,
// and has no seq of its own.
func (q *Queue) Append(ctx context.Context, at time.Time, data []byte) (seq uint64) {
	s := q.s
	s.mu.Lock()
	defer s.mu.Unlock()
	for !q.fits(len(data)) && ctx.Err() == nil {
		q.commit() // else the records it waits for could not be taken
		s.mu.Unlock()
		select {
		case <-q.room:
		case <-ctx.Done():
		}
		s.mu.Lock()
	}
	if len(data) > MaxData {
		q.dropped++
		s.opts.Log.Error("line dropped: too long for the spool", "device", q.name, "bytes", len(data), "most", MaxData)
		return q.seq
	}
	q.push(stamp(at), data)
	if q.waiting > maxUncommitted || s.queues.waiting > maxMemoryOnly {
		q.commit()
	}
	return q.seq
}

// push appends a record in memory.
func (q *Queue) push(at int64, data []byte) {
	q.seq++
	r := q.window.push(q.seq, at, data)
	q.unstored++
	q.wait(r.size())
}

func (q *Queue) fits(length int) bool {
	waiting := q.bytes()
	return !q.connected || waiting == 0 || waiting+int64(headSize+length) <= q.limit
}

// Commit writes the appended records; Next can then return them. One call for many
// records is one system call.
func (q *Queue) Commit() {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	q.commit()
}

func (q *Queue) commit() {
	if q.committed == q.seq {
		return
	}
	q.s.promiseAhead(q.seq)
	if q.bypasses() {
		q.reserve()
	} else {
		q.store()
	}
	q.s.boundMemory()
	q.committed = q.seq
	q.shrink()
	q.ready.Set()
}

// store writes the records that are in memory only; s.mu is held.
func (q *Queue) store() {
	for q.s.writable() && q.unstored > 0 {
		if err := q.storeSome(); err != nil {
			q.s.fail(err)
		}
	}
}

// storeSome fills the current segment once.
func (q *Queue) storeSome() error {
	s := q.s
	if err := s.roll(); err != nil {
		return err
	}
	from := q.window.n - q.unstored
	first, n := *q.window.at(from), 0
	g, b, salt := s.log.current, s.log.scratch[:0], salt(s.log.current.number)
	for n < q.unstored && g.size+int64(len(b)) < s.log.segmentSize {
		r := q.window.at(from + n)
		b = appendEntry(b, salt, entry{kindLine, q.hash, r.seq, r.at, r.data})
		n++
	}
	s.log.scratch = b
	if err := s.write(b); err != nil {
		return err
	}
	q.unstored -= n
	q.wait(-int64(len(b)))
	q.disk.add(extent{g, first.seq, q.window.at(from + n - 1).seq, n, int64(len(b)), first.at})
	return nil
}

// shrink removes from memory what can be read back from disk, beyond the queue's
// share of the memory.
func (q *Queue) shrink() {
	most := min(max(int64(windowsTotal/len(q.s.queues.order)), smallestWindow), largestWindow)
	for q.window.bytes > most && q.window.n > q.unstored {
		q.window.pop()
	}
}

// wait counts bytes that are in memory only.
func (q *Queue) wait(bytes int64) {
	q.waiting += bytes
	q.s.queues.waiting += bytes
}

// appendName appends the queue's name record. It has no name if this run does not use the
// queue and it is empty: the device was removed, and only its seqs are kept.
func (q *Queue) appendName(b []byte, salt uint32) []byte {
	name := ""
	if q.used || q.lines() > 0 {
		name = q.name
	}
	return appendEntry(b, salt, entry{kindName, q.hash, q.acked, int64(max(q.seq, q.reserved)), []byte(name)})
}

// SetConnected sets whether records are taken out at present, which decides
// whether Append may block. A blocked Append checks again at once.
func (q *Queue) SetConnected(connected bool) {
	q.s.mu.Lock()
	q.connected = connected
	q.limit = q.bytes() + int64(q.s.opts.Live)
	if q.bypass && !connected {
		q.store()
	}
	q.s.mu.Unlock()
	q.room.Set()
}

// SetBypass lets records bypass the disk while the queue is connected and has
// nothing on disk. It is for a broker that acknowledges nothing, so that records
// cannot be kept until it has them anyway. When the connection is lost, the
// records in flight are written, and so are all until the next connection.
//
// After a restart seq may go on up to 1,024 higher.
func (q *Queue) SetBypass(bypass bool) {
	q.s.mu.Lock()
	defer q.s.mu.Unlock()
	q.bypass = bypass
	if !bypass {
		q.store()
	}
}

// bypasses reports whether the appended records need no disk.
func (q *Queue) bypasses() bool {
	return q.bypass && q.connected && q.waiting <= maxUncommitted && len(q.disk.list) == 0
}

// reserve writes up to where seq may rise, since there will be no records on disk
// that show it; s.mu is held.
func (q *Queue) reserve() {
	if q.seq <= q.reserved || !q.s.writable() {
		return
	}
	q.reserved = q.seq + reserveStep
	if err := q.s.logNames(func(other *Queue) bool { return other == q }); err != nil {
		q.s.fail(err)
	}
}

// lines returns how many records are not acknowledged.
func (q *Queue) lines() int {
	acked, _ := q.disk.acked(q.acked)
	return q.disk.lines - acked + q.unstored
}

// bytes returns the bytes of the records that are not acknowledged.
func (q *Queue) bytes() int64 {
	_, acked := q.disk.acked(q.acked)
	return q.disk.bytes - acked + q.waiting
}

// Stats returns how much waits, and since when.
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

// oldest returns the time of the first unacknowledged record. On disk it is that
// of the first record in its segment, which is near enough.
func (q *Queue) oldest() time.Time {
	switch {
	case len(q.disk.list) > 0 && q.disk.list[0].last < q.window.first():
		return unstamp(q.disk.list[0].at)
	case q.window.n > 0:
		return unstamp(q.window.at(0).at)
	default:
		return time.Time{}
	}
}
