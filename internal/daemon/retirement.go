package daemon

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/logging"
	"arduino-gateway/internal/mqttadmin"
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
	reload.Cleanup
	options mqttbridge.Options
	backlog *backlog.Queue // nil: no device's
	journal *journal.Journal
	done    chan<- reload.Cleanup
	log     *slog.Logger
}

func (c common) retirement(r reload.Cleanup, done chan<- reload.Cleanup) *retirement {
	t := &retirement{Cleanup: r, options: c.session, done: done, log: c.log.With("topic", r.Topic.Topic)}
	t.journal = journal.Open("", t.log) // of nothing
	t.options.ClientID, t.options.Topic = r.ClientID, r.Topic.Topic
	if r.Status {
		t.options.StatusTopic = r.Topic.Topic + "/status"
	}
	if r.Device != "" {
		t.backlog = backlog.New(c.spool.Queue(r.Device), c.clock, t.log)
		t.journal = c.journal(r.Device, t.log)
	}
	return t
}

// journal opens that of a device. Whoever has it open is the only one.
func (c common) journal(id string, log *slog.Logger) *journal.Journal {
	return journal.Open(filepath.Join(c.commandsDir(), id), log)
}

func (c common) commandsDir() string { return filepath.Join(c.state.Config.Spool.Dir, "commands") }

// String names it in logs.
func (t *retirement) String() string { return "what is left on " + t.Topic.Topic }

// Run ends with nil when all is done, or when ctx ends before.
func (t *retirement) Run(ctx context.Context) error {
	defer t.journal.Close()
	for begin := time.Now(); ; {
		result, err := mqttadmin.Cleanup(ctx, t.options, t.remains(time.Now()), t.log)
		if err != nil {
			return nil
		}
		if !t.left() && (!result.InUse || time.Since(begin) > believeAfter) {
			t.finish(logging.Answer(ctx), result)
			break
		}
		select {
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return nil
		}
	}
	select {
	case t.done <- t.Cleanup:
	case <-ctx.Done():
	}
	return nil
}

// remains are what is left of it now.
func (t *retirement) remains(now time.Time) mqttadmin.Remains {
	r := mqttadmin.Remains{Readings: t.Readings}
	if t.backlog != nil { // which would be no nil to who gets it
		r.Source = t.backlog
	}
	gateway.Conclude(t.journal, now, func(command string, result device.Result, told func()) {
		r.Results = append(r.Results, mqttadmin.Result{Result: result, Command: command, Done: told})
	})
	return r
}

// left tells whether the spool still holds lines, such as for a disk that
// cannot be read.
func (t *retirement) left() bool { return t.backlog != nil && t.backlog.Stats().Lines > 0 }

// finish deletes what is remembered of its commands, and tells the log.
func (t *retirement) finish(ctx context.Context, r mqttadmin.Cleaned) {
	if err := t.journal.Remove(); err != nil {
		t.log.WarnContext(ctx, "what is remembered of its commands stays", "error", err)
	}
	if r.InUse {
		t.log.WarnContext(ctx, "the status says online: another gateway serves this device now, and its topics stay")
		return
	}
	if r.Stay > 0 {
		t.log.WarnContext(ctx, "the broker keeps retained topics that were cleared", "topics", r.Stay, "hint", "may this user publish there? See the broker's access rules")
		return
	}
	t.log.InfoContext(ctx, "nothing is left of it: retained topics are cleared", "topics", r.Cleared, "results_told", r.Results, "lines_delivered", r.Lines)
}
