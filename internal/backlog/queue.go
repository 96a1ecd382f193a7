package backlog

import (
	"context"
	"log/slog"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/spool"
)

// Queue is the backlog of one device. Append and Commit belong to the goroutine
// that reads its port, Next and Rewind to that of its session.
type Queue struct {
	*spool.Queue
	record []byte // of Append, used again
	log    *slog.Logger
}

// New makes the backlog of the device whose queue it is given.
func New(queue *spool.Queue, log *slog.Logger) *Queue {
	return &Queue{Queue: queue, log: log}
}

// Append takes the readings of a line that was read at the time given. They are
// safe, and offered to the session, after Commit.
func (q *Queue) Append(ctx context.Context, at time.Time, readings []device.Reading) {
	q.record = appendRecord(q.record[:0], readings)
	q.Queue.Append(ctx, at, q.record)
}

// Next gives the oldest line not yet given since Rewind. A record that cannot
// be read stays no obstacle: it is told, and forgotten with the lines around it.
func (q *Queue) Next() (device.Line, bool) {
	for {
		record, ok := q.Queue.Next()
		if !ok {
			return device.Line{}, false
		}
		readings, err := parseRecord(record.Data)
		if err == nil {
			return device.Line{Time: record.At, Seq: record.Seq, Readings: readings}, true
		}
		q.log.Error("a line in the spool cannot be read", "seq", record.Seq, "error", err)
	}
}
