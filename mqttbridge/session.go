package mqttbridge

import (
	"cmp"
	"context"
	"log/slog"
	"math"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/publisher"
	"arduino-gateway/internal/wake"
)

// DrainTime is how long a stopping session waits for the PUBACKs of the lines
// that its source still holds. A session without readings waits half a second.
const DrainTime = 2 * time.Second

// Session is one MQTT client with its own ID, status and subscription.
type Session struct {
	handler    Handler
	log        *slog.Logger
	times      mqttconn.Times
	drain      time.Duration
	settle     time.Duration                                     // after it a connection is taken for stable
	open       func(context.Context, *url.URL) (net.Conn, error) // nil: the network
	publisher  *publisher.Publisher
	counted    counters
	conditions conditions
	status     statusWatch
	presence   presence
	rivalry    rivalry
	refusals   refusals

	mu   sync.Mutex
	next *Options           // of the next life; nil: unchanged
	away *absence           // nil: it is not asked to stay away
	end  context.CancelFunc // ends the life with the current options; nil before Run

	// All below belongs to Run, and changes between connections.
	options   Options
	backoff   mqttconn.Backoff
	takeovers takeovers
	longest   time.Duration // wait between two connections
	yields    int           // in a row, to a rival
	brokers   *mqttconn.Brokers
}

// New returns a session; it does nothing before Run. A nil source has no
// readings, a nil handler ignores everything, and a nil log discards everything.
func New(options Options, source Source, handler Handler, log *slog.Logger) *Session {
	if handler == nil {
		handler = NopHandler{}
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Session{handler: handler, log: log, times: mqttconn.DefaultTimes(), drain: DrainTime, settle: mqttconn.SettledAfter, publisher: publisher.New(source),
		status: statusWatch{own: ownStatus{echoTime: echoTime}, look: wake.NewSignal()}, rivalry: rivalry{changed: wake.NewSignal()}}
	s.publisher.PutAside(s.refused, s.accepted)
	s.presence = presence{publish: s.say, commands: true}
	s.become(options.withDefaults())
	return s
}

// become starts a life with other options.
func (s *Session) become(options Options) {
	s.options = options
	s.brokers = mqttconn.NewBrokers(options.Brokers, options.AsWritten)
	s.publisher.Configure(options.publishing())
	s.backoff = mqttconn.NewBackoff(options.ReconnectMin, options.ReconnectMax)
	s.longest = cmp.Or(options.ReconnectMax, mqttconn.DefaultMax)
	s.takeovers, s.yields = takeovers{}, 0
	s.conditions.reset()
	s.reportRival()
	s.status.closed = 0
	s.refusals.last.Store(nil)
}

// Run keeps the session connected until ctx is cancelled, then stops in order
// within 4 s. It always returns nil: if a broker is away or refuses, it tries
// again. It is called once.
func (s *Session) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		if away := s.leaving(); away != nil {
			away.wait(ctx)
			continue
		}
		life, end := s.begin(ctx)
		s.live(life)
		end()
	}
	return nil
}

// Reconfigure makes the session leave the broker, as at a stop, and come back
// with other options. It does not wait for that. Lines and results without PUBACK
// are published again under the new options.
func (s *Session) Reconfigure(options Options) {
	options = options.withDefaults()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = &options
	if s.away != nil {
		close(s.away.over)
		s.away = nil
	}
	if s.end != nil {
		s.end()
	}
}

// begin applies the options that wait and returns the context of a life with
// them.
func (s *Session) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next != nil {
		s.become(*s.next)
		s.next = nil
	}
	life, end := context.WithCancel(ctx)
	if s.end = end; s.away != nil {
		end()
	}
	return life, end
}

// live keeps the session connected until ctx is cancelled.
func (s *Session) live(ctx context.Context) {
	backoff := s.backoff
	for ctx.Err() == nil {
		early := false
		conn, stream, err := s.connect(ctx)
		if err != nil {
			backoff.Failed()
			s.takeovers.failed()
			s.publisher.Away()
			s.conditions.over(twin)
		} else {
			begin := time.Now()
			err = s.use(ctx, conn, stream)
			lived := time.Since(begin)
			backoff.Lost(lived)
			if err != nil {
				s.brokers.Lost(conn, lived, err)
			}
			var proven bool
			if early, proven = s.judge(lived, err); proven {
				backoff = s.backoff
			}
		}
		if ctx.Err() == nil {
			s.pauseAfter(ctx, backoff, early)
		}
	}
}

// connect tries the brokers once each.
func (s *Session) connect(ctx context.Context) (*mqttconn.Conn, *publisher.Stream, error) {
	stream := s.publisher.NewStream()
	o := s.options.connection()
	o.Times, o.Message, o.Acked, o.Stuck = s.times, s.receiver(stream), stream.Acked, stream.Stuck
	o.Open, o.Failed = s.open, func() { s.counted.refusals.Add(1) }
	conn, err := s.brokers.Dial(ctx, o)
	if err != nil && ctx.Err() == nil {
		s.raise(notConnected, "not connected", err)
	}
	return conn, stream, err
}

// use serves a connection and reports its begin and end.
func (s *Session) use(ctx context.Context, conn *mqttconn.Conn, stream *publisher.Stream) error {
	s.counted.connects.Add(1)
	s.counted.connected.Store(true)
	s.presence.begin(s.options.Topic != "")
	s.conditions.over(notConnected)
	s.log.Log(ctx, s.level(slog.LevelInfo), "connected", "broker", conn.Broker(), "session_present", conn.SessionPresent())
	s.handler.Connected(time.Now(), conn.SessionPresent())
	err := mqttconn.LossError(s.serve(ctx, conn, stream))
	s.counted.connected.Store(false)
	s.conditions.lapse(notSubscribed)
	s.presence.set(asked)
	s.handler.Disconnected(time.Now(), err)
	if err == nil {
		s.log.Info("disconnected", "broker", conn.Broker())
		return nil
	}
	s.counted.losses.Add(1)
	s.raise(notConnected, "connection lost", err)
	return err
}

// say publishes a status.
func (s *Session) say(status string) {
	s.publisher.SetStatus(status)
	s.status.change(func(o *ownStatus) { o.published(time.Now()) })
}

// Result publishes the result of a command before readings that wait. The result
// is kept over losses of the connection until the broker has it; then done is
// called, which may be nil and must not block. If more than 512 results wait, or
// 1,024 of rejected commands, the oldest is dropped and its done called, too.
func (s *Session) Result(command string, r device.Result, done func()) {
	s.publisher.Result(command, r, done)
}

// Retain publishes a message to be retained on a topic before readings that
// wait; an empty payload clears the topic. The message is kept over losses of the
// connection until the broker has it, or until Retain is called for the same
// topic again. When the broker has it, done is called, which may be nil and must
// not block.
func (s *Session) Retain(topic string, payload []byte, done func()) {
	s.publisher.Retain(topic, payload, done)
}

// receiver returns what takes the messages of a connection, in the order of arrival.
func (s *Session) receiver(stream *publisher.Stream) func(device.Message) {
	return func(m device.Message) {
		m.At = time.Now()
		if m.Topic == s.options.StatusTopic {
			s.statusMessage(stream, m)
			return
		}
		s.message(m)
	}
}

// message passes a message on.
func (s *Session) message(m device.Message) {
	if s.log.Enabled(context.Background(), slog.LevelDebug) {
		s.log.Debug("message received", "topic", excerpt(m.Topic), "bytes", m.Size, "qos", m.QoS, "retain", m.Retained, "dup", m.Duplicate)
	}
	tooLong := m.Size > len(m.Payload)
	if tooLong {
		s.counted.oversized.Add(1)
	}
	if !s.handle(m) && tooLong {
		s.log.Warn("message too long for a command", "topic", excerpt(m.Topic), "bytes", m.Size, "max_bytes", mqttconn.MaxMessage)
	}
}

// handle passes a message to the handler if it came on a topic of commands or on
// Options.Listen or Watch. Other topics belong to a subscription of an earlier
// configuration.
func (s *Session) handle(m device.Message) bool {
	if m.Topic == s.options.Listen && m.Topic != "" || s.options.watches(m.Topic) {
		s.handler.Message(m)
		return true
	}
	command, ok := commandOf(s.options.Topic, m.Topic)
	if !ok {
		return false
	}
	s.counted.commands.Add(1)
	if n := len(ResultTopic(s.options.Topic, command)); n > math.MaxUint16 {
		s.log.Warn("command ignored: its name is too long for the topic of a result", "command", excerpt(command), "bytes", len(command))
		return true
	}
	m.Command = strings.Clone(command)
	s.handler.Message(m)
	return true
}

// excerpt keeps a log line short, whatever a topic is.
func excerpt(topic string) string {
	const most = 80
	if len(topic) > most {
		return topic[:most] + "…"
	}
	return topic
}
