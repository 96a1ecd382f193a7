package backlog

import (
	"context"
	"log/slog"
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
}

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
	return &Queue{Queue: queue, clock: clock, log: log}
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

// Next returns the oldest line not yet returned since Rewind. A record that cannot
// be read is logged and skipped, and forgotten with the lines around it.
func (q *Queue) Next() (device.Line, bool) {
	for {
		record, ok := q.Queue.Next()
		if !ok {
			return device.Line{}, false
		}
		c, err := parseRecord(record.Data)
		if err == nil {
			return q.line(record, c), true
		}
		q.log.Error("unreadable line in the spool skipped", "seq", record.Seq, "error", err)
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
