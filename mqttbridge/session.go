package mqttbridge

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/device"
	"arduino-gateway/internal/wake"
)

// times are the bounds of everything that waits.
type times struct {
	connect time.Duration // dialling and handshake
	stall   time.Duration // a write that makes no progress, or a PINGREQ without an answer
	answer  time.Duration // SUBACK
	drain   time.Duration // readings in hand, at a stop
	leave   time.Duration // each step of leaving the broker
}

func defaultTimes() times {
	return times{
		connect: 10 * time.Second,
		stall:   10 * time.Second,
		answer:  5 * time.Second,
		drain:   DrainTime,
		leave:   500 * time.Millisecond,
	}
}

// Session is one MQTT client with its own ID, status and subscription.
type Session struct {
	source  Source
	handler Handler
	hear    func(device.Message) // message, but for whoever only asks something
	log     *slog.Logger
	times   times

	outbox  outbox
	wake    wake.Signal // the pump's, capacity 1
	counted counters

	mu   sync.Mutex
	next *Options           // to go on with; nil: those that it has
	end  context.CancelFunc // of the life with these options; nil: Run is not under way

	options   Options   // Run's, as is all below; they change between connections
	topics    *topics   //
	backoff   backoff   //
	takeovers takeovers //
	suspected bool      // of a takeover, and said so
}

// New makes a session; it does nothing before Run. A nil source publishes no
// readings, and a nil handler hears nothing.
func New(options Options, source Source, handler Handler, log *slog.Logger) *Session {
	if source == nil {
		source = nothing{}
	}
	if handler == nil {
		handler = deaf{}
	}
	s := &Session{source: source, handler: handler, log: log, times: defaultTimes(), wake: wake.NewSignal()}
	s.hear = s.message
	s.become(options.withDefaults())
	return s
}

func (s *Session) become(options Options) {
	s.options, s.topics = options, newTopics(options.Topic)
	s.backoff = backoff{min: options.ReconnectMin, max: options.ReconnectMax}
	s.takeovers, s.suspected = takeovers{}, false
	s.counted.problem.Store(nil)
}

// Run keeps the session connected until ctx is cancelled, then stops in order
// within 4 s. It always returns nil: a broker that is away or refuses is tried
// again. It is called once.
func (s *Session) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		life, end := s.begin(ctx)
		s.live(life)
		end()
	}
	return nil
}

// Reconfigure makes the session leave the broker, as at a stop, and come back
// with other options. It does not wait for that. What was not acknowledged is
// published again under the new options, results that wait among it.
func (s *Session) Reconfigure(options Options) {
	options = options.withDefaults()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = &options
	if s.end != nil {
		s.end()
	}
}

// begin takes over the options that wait, and gives the context of a life with
// them.
func (s *Session) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		s.become(*s.next)
		s.next = nil
	}
	life, end := context.WithCancel(ctx)
	s.end = end
	return life, end
}

// live keeps the session connected until ctx is cancelled.
func (s *Session) live(ctx context.Context) {
	backoff := s.backoff
	for ctx.Err() == nil {
		connection, err := s.connectAny(ctx)
		if err != nil {
			backoff.failed()
			s.takeovers.failed()
		} else {
			begin := time.Now()
			err = s.serve(ctx, connection)
			lived := time.Since(begin)
			backoff.lost(lived)
			s.watch(lived, err)
		}
		if ctx.Err() == nil {
			sleep(ctx, backoff.wait(rand.Float64()))
		}
	}
}

// connectAny tries the brokers in order, once each.
func (s *Session) connectAny(ctx context.Context) (*connection, error) {
	var failures error
	for _, broker := range s.options.Brokers {
		connection, err := s.connect(ctx, broker)
		if err == nil {
			return connection, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		s.counted.refusals.Add(1)
		failures = join(failures, err)
	}
	s.problem("not connected", failures)
	return nil, failures
}

// serve tells everyone of the connection's begin and end.
func (s *Session) serve(ctx context.Context, c *connection) error {
	s.counted.connects.Add(1)
	s.counted.connected.Store(true)
	s.recovered(c)
	s.handler.Connected(time.Now(), c.sessionPresent())
	err := lossError(c.serve(ctx))
	s.counted.connected.Store(false)
	s.handler.Disconnected(time.Now(), err)
	if err == nil {
		s.log.Info("disconnected", "broker", c.broker.Redacted())
		return nil
	}
	s.counted.losses.Add(1)
	s.problem("connection lost", err)
	return err
}

// SetOnline sets the wanted status. It is published at once if the session is
// connected, and after each connect. A stop always publishes offline.
func (s *Session) SetOnline(online bool) {
	s.outbox.setOnline(online)
	s.wake.Set()
}

// Result publishes what became of a command, before any reading that waits. It
// is kept over losses of the connection until the broker has it; then told is
// called, which may be nil and must not block. It is also called for a result
// that had to go because too many wait.
func (s *Session) Result(command string, r device.Result, told func()) {
	if s.outbox.result(command, appendResult(nil, r), told) {
		s.counted.resultsDropped.Add(1)
	}
	s.wake.Set()
}

// Retain publishes what a topic is to retain, before any reading that waits; an
// empty payload clears it. It is kept over losses of the connection until the
// broker has it, which done is told (nil is nobody) from a goroutine that must
// not wait, or until Retain is called for the same topic again.
func (s *Session) Retain(topic string, payload []byte, done func()) {
	s.outbox.retain(topic, payload, done)
	s.wake.Set()
}

// Stats may be called at any time.
func (s *Session) Stats() Stats { return s.counted.stats() }

// message passes a command on. It is called in the order of arrival.
func (s *Session) message(m device.Message) {
	tooLong := m.Size > len(m.Payload)
	if tooLong {
		s.counted.oversized.Add(1)
	}
	if !s.hand(m) && tooLong {
		s.log.Warn("a message is too long for a command", "topic", m.Topic, "bytes", m.Size, "max_bytes", maxIncoming)
	}
}

func fromPaho(m mqtt.Message) device.Message {
	return device.Message{
		Topic:     m.Topic(),
		Payload:   m.Payload(),
		Size:      len(m.Payload()),
		QoS:       m.Qos(),
		PacketID:  m.MessageID(),
		Retained:  m.Retained(),
		Duplicate: m.Duplicate(),
	}
}

// hand gives the handler what came on a topic of commands, or on the one besides
// them; other topics are of a subscription that an earlier configuration made.
func (s *Session) hand(m device.Message) bool {
	m.At = time.Now()
	if m.Topic == s.options.Listen && m.Topic != "" {
		s.handler.Message(m)
		return true
	}
	command, ok := commandOf(s.options.Topic, m.Topic)
	if !ok {
		return false
	}
	s.counted.commands.Add(1)
	m.Command = strings.Clone(command)
	s.handler.Message(m)
	return true
}

// sleep waits for d or until ctx is cancelled.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}
