package mqttadmin

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/publisher"
	"arduino-gateway/internal/wake"
	"arduino-gateway/mqttbridge"
)

const (
	// quietTime after the last retained message no more come: a broker sends them
	// in one go after the SUBACK.
	quietTime = 250 * time.Millisecond
	// maxRetained bounds the memory for retained topics. Of topics to clear, the rest waits
	// for the next round.
	maxRetained = 4096
	// maxFilters bounds the size of a SUBSCRIBE.
	maxFilters = 64
	// maxRounds bounds how often topics are cleared that the broker still has:
	// access rules may forbid it, which MQTT 3.1.1 cannot report.
	maxRounds = 3
)

// CleanupTask is what a removed device has left at the broker, and for it.
type CleanupTask struct {
	Results  []CommandResult   // of commands, that the broker does not have
	Source   mqttbridge.Source // lines that it does not have; nil: none
	Readings bool              // readings are retained, besides the status
	Names    []string          // of readings that were published retained; there may be others

	// Refused, if set, is called with each message that is put aside.
	Refused func(device.Refused)
}

// CommandResult is the result of a command. Done is called when the broker has it.
type CommandResult struct {
	device.Result
	Command string
	Done    func()
}

// CleanupResult is the outcome of a Cleanup.
type CleanupResult struct {
	Results  int    // delivered
	Lines    uint64 // of the source, acknowledged
	Cleared  int    // topics for which the broker has acknowledged that
	Stay     int    // retained topics that the broker still has after clearing
	InUse    bool   // its status is online, and nothing was cleared
	Unlisted bool   // the broker does not list what is retained: there may be more
}

// Cleanup removes a device from the broker. It publishes the results and what the
// source still holds, not retained. Then it clears StatusTopic, unless that is
// "", and, if Readings is set, the topics of Names and what the broker has retained
// on Topic and one level below. It asks for each topic that it knows by its exact
// name: a broker may send no retained message to a wildcard. It tries until it has
// succeeded; an error is that of ctx.
//
// The device's own client ID is best: if the broker still holds a connection of
// the device, this ends it.
func Cleanup(ctx context.Context, options mqttbridge.Options, task CleanupTask, log *slog.Logger) (CleanupResult, error) {
	c := newCleanup(options, task, log)
	backoff := mqttconn.NewBackoff(options.ReconnectMin, options.ReconnectMax)
	for {
		err := c.attempt(ctx)
		if err == nil {
			c.Results, c.Lines = len(task.Results), c.publisher.Counts().Acked
			return c.CleanupResult, nil
		}
		if ctx.Err() == nil {
			c.report(err)
			backoff.Failed()
			backoff.Sleep(ctx)
		}
		if ctx.Err() != nil {
			return c.CleanupResult, ctx.Err()
		}
	}
}

// cleanup is a Cleanup under way.
type cleanup struct {
	CleanupResult
	options   mqttbridge.Options
	status    string   // topic to clear; "": none
	exact     []string // topics that are asked for by name
	readings  bool
	publisher *publisher.Publisher
	limits    mqttconn.Times
	log       *slog.Logger
	problem   string // reported last
}

func newCleanup(options mqttbridge.Options, task CleanupTask, log *slog.Logger) *cleanup {
	c := &cleanup{options: options, status: options.StatusTopic, readings: task.Readings,
		publisher: publisher.New(task.Source), limits: mqttconn.DefaultTimes(), log: log}
	c.exact = exactTopics(options, task)
	c.publisher.Configure(publishing(options))
	if task.Refused != nil {
		c.publisher.PutAside(task.Refused, func() {})
	}
	for _, r := range task.Results {
		c.publisher.Result(r.Command, r.Result, r.Done)
	}
	return c
}

// exactTopics returns the topics on which the device's messages may be retained, as far
// as they are known.
func exactTopics(o mqttbridge.Options, task CleanupTask) (topics []string) {
	if o.StatusTopic != "" {
		topics = append(topics, o.StatusTopic)
	}
	p := publishing(o)
	if task.Readings && p.Object {
		topics = append(topics, o.Topic)
	}
	if task.Readings && p.Values {
		for _, name := range task.Names {
			topics = append(topics, publisher.ReadingTopic(o.Topic, name))
		}
	}
	return topics
}

// report logs why an attempt failed, once for each new reason.
func (c *cleanup) report(err error) {
	if text := err.Error(); text != c.problem {
		c.problem = text
		c.log.Warn("cleanup failed, trying again", "error", err)
	}
}

// attempt does everything over one connection.
func (c *cleanup) attempt(ctx context.Context) error {
	retained := newRetainedTopics()
	stream := c.publisher.NewStream()
	o := connection(c.options, retained.take)
	o.Acked, o.Stuck = stream.Acked, stream.Stuck
	conn, err := mqttconn.DialAny(ctx, c.options.Brokers, o)
	if err != nil {
		c.publisher.Away()
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Fail(context.Cause(ctx)) }) // there is no will that this would publish
	defer stop()
	if err := exhaust(ctx, conn, stream); err != nil {
		c.publisher.Lost(mqttconn.ClosedByPeer(err), time.Now())
		return err
	}
	if err := c.clear(ctx, conn, retained); err != nil {
		return err
	}
	conn.Disconnect()
	return nil
}

// exhaust publishes the results and the lines until all are acknowledged.
func exhaust(ctx context.Context, conn *mqttconn.Conn, stream *publisher.Stream) error {
	drain := make(chan struct{})
	close(drain)
	stream.Run(conn, drain, ctx.Done())
	select {
	case <-conn.Lost():
		return conn.Cause()
	default:
		return ctx.Err()
	}
}

// clear reads which topics are retained and clears them, until none is left. What is
// known is cleared once without being seen: access rules may forbid to read it.
func (c *cleanup) clear(ctx context.Context, conn *mqttconn.Conn, retained *retainedTopics) error {
	cleared := map[string]bool{}
	for round := 0; ; round++ {
		kept, err := c.look(ctx, conn, retained)
		if err != nil {
			return err
		}
		if c.InUse = c.status != "" && kept[c.status] == publisher.Online; c.InUse {
			return nil
		}
		topics := c.stale(c.options.Topic, kept)
		if round == 0 {
			topics = union(topics, c.exact)
		}
		if len(topics) == 0 || round == maxRounds {
			c.Stay = len(topics)
			c.Cleared = len(cleared) - c.Stay
			return nil
		}
		if err := conn.Clear(ctx, topics); err != nil {
			return err
		}
		for _, topic := range topics {
			cleared[topic] = true
		}
	}
}

// union returns the topics of both, each once, sorted.
func union(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// stale returns the topics among the retained ones that must be cleared, sorted.
func (c *cleanup) stale(base string, kept map[string]string) (topics []string) {
	for topic := range kept {
		if topic == c.status || c.readings && topic != base+"/status" { // else the status of a device that stays
			topics = append(topics, topic)
		}
	}
	slices.Sort(topics)
	return topics
}

// look returns the retained messages on the device's topic and one level below. Only
// the broker knows them all: some may be years old. It may list none of them.
func (c *cleanup) look(ctx context.Context, conn *mqttconn.Conn, retained *retainedTopics) (map[string]string, error) {
	all := map[string]string{}
	if c.readings {
		var err error
		if all, err = c.read(ctx, conn, retained, c.options.Topic, c.options.Topic+"/+"); err != nil {
			return nil, err
		}
	}
	listed := len(all)
	for some := range slices.Chunk(c.exact, maxFilters) {
		found, err := c.read(ctx, conn, retained, some...)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, found)
	}
	c.Unlisted = c.Unlisted || c.readings && listed == 0 && len(all) > 0
	return all, nil
}

// read returns the retained messages on topics.
func (c *cleanup) read(ctx context.Context, conn *mqttconn.Conn, retained *retainedTopics, topics ...string) (map[string]string, error) {
	retained.forget()
	if err := conn.SubscribeAll(ctx, topics...); err != nil {
		return nil, fmt.Errorf("read retained messages on %s: %w", topics[0], err)
	}
	retained.settle(ctx, quietTime, c.limits.Answer)
	if err := conn.Unsubscribe(ctx, c.limits.Answer, topics...); err != nil {
		return nil, fmt.Errorf("read retained messages on %s: %w", topics[0], err)
	}
	return retained.all(), nil
}

// retainedTopics collects retained messages.
type retainedTopics struct {
	more wake.Signal // another message came

	mu       sync.Mutex
	payloads map[string]string // by topic, cut to what a status can hold
}

func newRetainedTopics() *retainedTopics {
	return &retainedTopics{payloads: map[string]string{}, more: wake.NewSignal()}
}

// forget starts again with none.
func (r *retainedTopics) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.payloads = map[string]string{}
}

// take is called with each message of the connection.
func (r *retainedTopics) take(m device.Message) {
	if !m.Retained {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.payloads) < maxRetained {
		r.payloads[m.Topic] = string(m.Payload[:min(len(m.Payload), len(publisher.Offline))])
	}
	r.more.Set()
}

// settle returns when no message has come for the time quiet, or after limit.
func (r *retainedTopics) settle(ctx context.Context, quiet, limit time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		select {
		case <-r.more:
		case <-time.After(quiet):
			return
		case <-ctx.Done():
			return
		}
	}
}

func (r *retainedTopics) all() map[string]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.payloads
}
