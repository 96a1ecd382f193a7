package mqttbridge

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/device"
	"arduino-gateway/internal/wake"
)

const (
	// keptQuiet after the last retained message there are no more: a broker sends
	// them in one go behind the SUBACK.
	keptQuiet = 250 * time.Millisecond
	// mostKept bounds the memory for topics to clear; beyond it some wait for the
	// next round.
	mostKept = 4096
	// mostRounds bounds how often what the broker still has is cleared: access rules
	// may forbid that, which MQTT 3.1.1 has no words for.
	mostRounds = 3
)

// Remains are what a device that is no more has left.
type Remains struct {
	Results  []Result // of commands, that the broker has not had
	Source   Source   // lines that it has not had; nil: none
	Readings bool     // it has retained them, besides the status
}

// Result is what became of a command. Told is called when the broker has it.
type Result struct {
	device.Result
	Command string
	Told    func()
}

// Retired is what became of a device's remains.
type Retired struct {
	Results int    // told
	Lines   uint64 // of the source, acknowledged
	Cleared int    // retained topics
	Stay    int    // retained topics that the broker keeps all the same
	InUse   bool   // its status is online: somebody else serves the device now, and nothing was cleared
}

// Retire takes a device that is no more off the broker: it publishes the results
// and what the source still holds, not retained, and then clears StatusTopic,
// unless that is "", and, where Readings says so, what the broker has retained on
// Topic and one level below. It tries until it is done; an error is that of ctx.
//
// The device's own client ID is the best one: should the broker still take the
// device for connected, this ends it.
func Retire(ctx context.Context, options Options, left Remains, log *slog.Logger) (Retired, error) {
	r := retirement{status: options.StatusTopic, readings: left.Readings}
	options.StatusTopic, options.Retain, options.CleanSession = "", false, true
	s := New(options, left.Source, nil, log)
	for _, one := range left.Results {
		s.Result(one.Command, one.Result, one.Told)
	}
	backoff := s.backoff
	for {
		err := r.visit(ctx, s)
		if err == nil {
			r.Results, r.Lines = len(left.Results), s.counted.acked.Load()
			return r.Retired, nil
		}
		backoff.failed()
		sleep(ctx, backoff.wait(rand.Float64()))
		if ctx.Err() != nil {
			return r.Retired, ctx.Err()
		}
	}
}

// retirement is Retire under way.
type retirement struct {
	Retired
	status   string // topic, "" stays
	readings bool
}

func (r *retirement) visit(ctx context.Context, s *Session) error {
	kept := newKeptTopics()
	s.hear = kept.take
	c, err := s.connectAny(ctx)
	if err != nil {
		return err
	}
	defer c.end(errClosed)
	stop := context.AfterFunc(ctx, func() { _ = c.conn.fail(context.Cause(ctx)) }) // there is no will that it could set off
	defer stop()
	if err := c.exhaust(ctx); err != nil {
		return err
	}
	if err := r.clear(ctx, c, kept); err != nil {
		if ctx.Err() == nil {
			s.problem("clearing retained topics failed", err)
		}
		return err
	}
	c.client.Disconnect(milliseconds(s.times.leave))
	return nil
}

// exhaust publishes the results, and all that the source holds, until it is
// acknowledged.
func (c *connection) exhaust(ctx context.Context) error {
	drain := make(chan struct{})
	close(drain)
	c.newPump(drain, ctx.Done()).run()
	select {
	case <-c.conn.lost:
		return c.cause()
	default:
		return ctx.Err()
	}
}

// clear asks what is retained and clears it, until the broker has no more of it. The
// status is cleared unseen, once: access rules may forbid to read it.
func (r *retirement) clear(ctx context.Context, c *connection, told *keptTopics) error {
	cleared := map[string]bool{}
	for round := 0; ; round++ {
		kept, err := c.kept(ctx, told)
		if err != nil {
			return err
		}
		if r.InUse = r.status != "" && kept[r.status] == online; r.InUse {
			return nil
		}
		topics := r.stale(c.session.options.Topic, kept)
		if round == 0 && r.status != "" && !slices.Contains(topics, r.status) {
			topics = append(topics, r.status)
		}
		if len(topics) == 0 || round == mostRounds {
			r.Stay = len(topics)
			r.Cleared = len(cleared) - r.Stay
			return nil
		}
		if err := c.clear(ctx, topics); err != nil {
			return err
		}
		for _, topic := range topics {
			cleared[topic] = true
		}
	}
}

// stale gives the topics of what is retained that are to be cleared, sorted.
func (r *retirement) stale(base string, kept map[string]string) (topics []string) {
	for topic := range kept {
		if topic == r.status || r.readings && topic != base+"/status" { // which is of a device that stays, if it is not r.status
			topics = append(topics, topic)
		}
	}
	slices.Sort(topics)
	return topics
}

// clear publishes an empty retained message on each topic: what was retained
// there is forgotten.
func (c *connection) clear(ctx context.Context, topics []string) error {
	tokens := make([]mqtt.Token, len(topics))
	for i, topic := range topics {
		tokens[i] = c.client.Publish(topic, 1, true, "")
	}
	for i, token := range tokens {
		if err := c.await(ctx, token, c.session.times.answer); err != nil {
			return fmt.Errorf("clear %s: %w", topics[i], err)
		}
	}
	return nil
}

// kept asks the broker what it has retained on the device's topic and one level
// below. Nobody else knows: readings of years ago are among it.
func (c *connection) kept(ctx context.Context, told *keptTopics) (map[string]string, error) {
	topic, limit := c.session.options.Topic, c.session.times.answer
	told.forget()
	filters := map[string]byte{topic: 0, topic + "/+": 0}
	if err := c.await(ctx, c.client.SubscribeMultiple(filters, nil), limit); err != nil {
		return nil, fmt.Errorf("ask for what is retained below %s: %w", topic, err)
	}
	told.settle(ctx, keptQuiet, limit)
	if err := c.await(ctx, c.client.Unsubscribe(topic, topic+"/+"), limit); err != nil {
		return nil, fmt.Errorf("ask for what is retained below %s: %w", topic, err)
	}
	return told.all(), nil
}

// keptTopics gathers retained messages.
type keptTopics struct {
	more wake.Signal // another one came

	mu       sync.Mutex
	payloads map[string]string // by topic; of a long one only the beginning
}

func newKeptTopics() *keptTopics {
	return &keptTopics{payloads: map[string]string{}, more: wake.NewSignal()}
}

// forget begins anew.
func (k *keptTopics) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.payloads = map[string]string{}
}

// take is the connection's.
func (k *keptTopics) take(m device.Message) {
	if !m.Retained {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.payloads) < mostKept {
		k.payloads[m.Topic] = string(m.Payload[:min(len(m.Payload), len(offline))])
	}
	k.more.Set()
}

// settle returns when for so long none has come, or the limit is reached.
func (k *keptTopics) settle(ctx context.Context, quiet, limit time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		select {
		case <-k.more:
		case <-time.After(quiet):
			return
		case <-ctx.Done():
			return
		}
	}
}

func (k *keptTopics) all() map[string]string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.payloads
}
