package daemon

import (
	"cmp"
	"context"
	"log/slog"
	"path"
	"path/filepath"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/backlog"
	"arduino-gateway/internal/gateway"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/logging"
	"arduino-gateway/internal/mqttadmin"
	"arduino-gateway/internal/refused"
	"arduino-gateway/internal/reload"
	"arduino-gateway/mqttbridge"
)

const (
	// cleanupRetry is the time between two attempts at what is not done yet.
	cleanupRetry = time.Second
	// leaveTime is how long a session with a former client ID may take to leave.
	leaveTime = 5 * time.Second
	// believeOnline is how long a status of online may still be our own: a session of
	// this gateway has left by then, or the broker has missed that it did.
	believeOnline = time.Minute
)

// cleanup carries out one reload.Cleanup in a session of its own, and reports when it
// is done.
type cleanup struct {
	todo    reload.Cleanup
	names   []string // of readings that are known to have come
	options mqttbridge.Options
	backlog *backlog.Queue // nil if no device is to be delivered
	journal *journal.Journal
	refused *refused.Store
	done    chan<- reload.Cleanup
	log     *slog.Logger
}

func (f *fleet) newCleanup(todo reload.Cleanup, done chan<- reload.Cleanup) *cleanup {
	topic := todo.Topic.Topic
	c := &cleanup{todo: todo, names: f.cleaner.names[topic], options: f.session, done: done, log: f.log.With("topic", topic)}
	c.options.ClientID, c.options.Topic = todo.ClientID, topic
	if todo.Status {
		c.options.StatusTopic = topic + "/status"
	}
	if path.Base(path.Dir(topic)) == "gateway" {
		c.names = []string{"info"}
	}
	c.refused = refused.NewStore(filepath.Join(f.state.Config.Spool.Dir, refusedDir), cmp.Or(todo.Device, gatewayName), c.log)
	if todo.Device == "" {
		c.journal = journal.Open("", c.log) // empty
		return c
	}
	c.backlog = backlog.New(f.deps.spool.Queue(todo.Device), f.deps.clock, c.log)
	c.journal = f.journal(todo.Device, c.log)
	return c
}

// String names it in logs.
func (c *cleanup) String() string { return cleanupKey(c.todo) }

// Run returns nil when all is done, or when ctx ends.
func (c *cleanup) Run(ctx context.Context) error {
	defer c.journal.Close()
	if c.todo.Session {
		return c.endSession(ctx)
	}
	for begin := time.Now(); ; {
		result, err := mqttadmin.Cleanup(ctx, c.options, c.task(time.Now()), c.log)
		if err != nil {
			return nil
		}
		if !c.hasLines() && (!result.InUse || time.Since(begin) > believeOnline) {
			c.finish(logging.Always(ctx), result)
			break
		}
		select {
		case <-time.After(cleanupRetry):
		case <-ctx.Done():
			return nil
		}
	}
	c.report(ctx)
	return nil
}

// endSession ends a session that the broker keeps under a former client ID.
func (c *cleanup) endSession(ctx context.Context) error {
	select {
	case <-time.After(leaveTime):
	case <-ctx.Done():
		return nil
	}
	if mqttadmin.EndSession(ctx, c.options, c.log) == nil {
		c.log.InfoContext(logging.Always(ctx), "session of the former client ID ended", "client_id", c.todo.ClientID)
		c.report(ctx)
	}
	return nil
}

// report says that all is done.
func (c *cleanup) report(ctx context.Context) {
	select {
	case c.done <- c.todo:
	case <-ctx.Done():
	}
}

// task returns what is still to be delivered.
func (c *cleanup) task(now time.Time) mqttadmin.CleanupTask {
	r := mqttadmin.CleanupTask{Readings: c.todo.Readings, Names: c.names, Refused: c.refused.Keep}
	if c.backlog != nil { // a nil *Queue is not a nil Source
		r.Source = c.backlog
	}
	gateway.Conclude(c.journal, now, func(command string, result device.Result, done func()) {
		r.Results = append(r.Results, mqttadmin.CommandResult{Result: result, Command: command, Done: done})
	})
	return r
}

// hasLines reports whether the spool still holds lines, such as those on a disk that
// cannot be read.
func (c *cleanup) hasLines() bool { return c.backlog != nil && c.backlog.Stats().Lines > 0 }

// finish deletes the journal of the commands, and logs what was done.
func (c *cleanup) finish(ctx context.Context, r mqttadmin.CleanupResult) {
	if err := c.journal.Remove(); err != nil {
		c.log.WarnContext(ctx, "cannot delete the journal of commands", "error", err)
	}
	if r.InUse {
		c.log.WarnContext(ctx, "topics kept: the status says online", "hint", "another gateway may serve this device; if none does, clear its topics with mosquitto_pub -r -n -t TOPIC")
		return
	}
	if r.Stay > 0 {
		c.log.WarnContext(ctx, "broker keeps retained topics that were cleared", "topics", r.Stay, "hint", "may this user publish there? See the broker's access rules")
		return
	}
	if r.Unlisted {
		c.log.WarnContext(ctx, "broker does not list retained topics: some may stay", "hint", "clear those of readings with mosquitto_pub -r -n -t TOPIC/READING")
	}
	c.log.InfoContext(ctx, "retained topics cleared", "topics", r.Cleared, "results_published", r.Results, "lines_delivered", r.Lines)
}
