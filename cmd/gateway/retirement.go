package main

import (
	"context"
	"log/slog"
	"time"

	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/logging"
	"arduino-gateway/internal/reload"
	"arduino-gateway/mqttbridge"
)

const (
	// lookAgain is the time between two attempts at what was not done yet.
	lookAgain = time.Second
	// believeAfter so long an online is another gateway's: a session of our own
	// has left by then, or the broker has missed it.
	believeAfter = time.Minute
)

// retirement delivers and clears what is left of one topic, and tells done.
type retirement struct {
	reload.Remains
	options mqttbridge.Options
	backlog *backlog.Queue // nil: no lines
	done    chan<- reload.Remains
	log     *slog.Logger
}

func (c common) retirement(r reload.Remains, done chan<- reload.Remains) *retirement {
	t := &retirement{Remains: r, options: c.session, done: done, log: c.log.With("topic", r.Topic.Topic)}
	t.options.ClientID, t.options.Topic = r.ClientID, r.Topic.Topic
	if r.Status {
		t.options.StatusTopic = r.Topic.Topic + "/status"
	}
	if r.Backlog != "" {
		t.backlog = backlog.New(c.spool.Queue(r.Backlog), c.clock, t.log)
	}
	return t
}

// String names it in logs.
func (t *retirement) String() string { return "what is left on " + t.Topic.Topic }

// Run ends with nil when all is done, or when ctx ends before.
func (t *retirement) Run(ctx context.Context) error {
	for begin := time.Now(); ; {
		result, err := mqttbridge.Retire(ctx, t.options, t.Readings, t.source(), t.log)
		if err != nil {
			return nil
		}
		if !t.left() && (!result.InUse || time.Since(begin) > believeAfter) {
			t.tell(logging.Answer(ctx), result)
			break
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return nil
		}
	}
	select {
	case t.done <- t.Remains:
	case <-ctx.Done():
	}
	return nil
}

// source is nil, and not a nil in disguise, where there are no lines.
func (t *retirement) source() mqttbridge.Source {
	if t.backlog == nil {
		return nil
	}
	return t.backlog
}

// left tells whether the spool still holds lines, such as for a disk that
// cannot be read.
func (t *retirement) left() bool { return t.backlog != nil && t.backlog.Stats().Lines > 0 }

func (t *retirement) tell(ctx context.Context, r mqttbridge.Retired) {
	if r.InUse {
		t.log.WarnContext(ctx, "the status says online: another gateway serves this device now, and its topics stay")
		return
	}
	t.log.InfoContext(ctx, "nothing is left of it: retained topics are cleared", "topics", r.Cleared, "lines_delivered", r.Lines)
}
