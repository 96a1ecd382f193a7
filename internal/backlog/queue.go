package backlog

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/clock"
	"arduino-gateway/internal/spool"
)

// Queue is the backlog of one device. Append and Commit belong to the goroutine
// that reads its port, Next and Rewind to that of its session.
type Queue struct {
	*spool.Queue
	clock  Clock
	record []byte // of Append, reused
	log    *slog.Logger

	// Of Next and Rewind.
	last   uint64          // seq of the line that Next returned last since Rewind; 0 is none
	logged map[string]bool // why records were passed over

	acked  atomic.Uint64
	passed atomic.Pointer[passed] // nil if none waits for its acknowledgement
}

// passed are the records behind a line that were passed over because they cannot be read.
// They are acknowledged when that line is. Those before the line need nothing: its own
// acknowledgement includes them.
type passed struct{ after, through uint64 }

// Clock reports whether the machine's clock is set, and stamps what is read before.
// See package clock.
type Clock interface {
	Trusted() bool
	Stamp(at time.Time) clock.Stamp
	Time(s clock.Stamp) (at time.Time, ok bool)
	Age(s clock.Stamp) time.Duration
}

// New returns the backlog of the device that owns the queue.
func New(queue *spool.Queue, clock Clock, log *slog.Logger) *Queue {
	return &Queue{Queue: queue, clock: clock, log: log, logged: map[string]bool{}}
}

// Append adds the readings of a line that was read at the time at. After Commit
// they are safe, and Next returns them.
func (q *Queue) Append(ctx context.Context, at time.Time, readings []device.Reading) {
	if q.clock.Trusted() {
		q.record = appendTimed(q.record[:0])
	} else {
		q.record = appendStamped(q.record[:0], q.clock.Stamp(at))
		at = time.Time{}
	}
	q.record = appendReadings(q.record, readings)
	q.Queue.Append(ctx, at, q.record)
}

// Next returns the oldest line not yet returned since Rewind. It passes over a record
// that it cannot read, such as one of a newer version: it acknowledges the record when
// all lines before it are acknowledged, and logs each reason once.
func (q *Queue) Next() (device.Line, bool) {
	for {
		record, ok := q.Queue.Next()
		if !ok {
			return device.Line{}, false
		}
		c, err := parseRecord(record.Data)
		if err == nil {
			q.last = record.Seq
			return q.line(record, c), true
		}
		q.pass(record.Seq, err)
	}
}

func (q *Queue) pass(seq uint64, why error) {
	if !q.logged[why.Error()] {
		q.logged[why.Error()] = true
		q.log.Error("unreadable line in the spool skipped", "seq", seq, "error", why)
	}
	q.passed.Store(&passed{q.last, seq})
	q.ackPassed()
}

// Rewind lets Next begin again with the first line that is not acknowledged.
func (q *Queue) Rewind() {
	q.passed.Store(nil)
	q.last = 0
	q.Queue.Rewind()
}

// Ack removes the line with this seq and all before it.
func (q *Queue) Ack(seq uint64) {
	for known := q.acked.Load(); seq > known && !q.acked.CompareAndSwap(known, seq); known = q.acked.Load() {
	}
	q.Queue.Ack(seq)
	q.ackPassed()
}

func (q *Queue) ackPassed() {
	if p := q.passed.Load(); p != nil && q.acked.Load() >= p.after && q.passed.CompareAndSwap(p, nil) {
		q.Queue.Ack(p.through)
	}
}

func (q *Queue) line(record spool.Record, c content) device.Line {
	line := device.Line{Time: record.At, Seq: record.Seq, Readings: c.readings}
	if c.stamp != nil {
		line.Time, _ = q.clock.Time(*c.stamp)
		line.Age = q.clock.Age(*c.stamp)
	}
	return line
}
