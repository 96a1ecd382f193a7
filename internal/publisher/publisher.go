package publisher

import (
	"io"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/wake"
)

// The payloads of the status topic.
const (
	Online  = "online"
	Offline = "offline"
)

// Options tell where and how to publish.
type Options struct {
	StatusTopic string        // retained Online or Offline; "" has none
	Topic       string        // of the device, before its readings and results
	QoS         byte          // of readings: 0 or 1
	Retain      bool          // of readings
	Values      bool          // publish a topic for each reading
	Object      bool          // publish one JSON object for each line
	MaxInflight int           // most publishes of readings without a PUBACK; at least 1
	LateAfter   time.Duration // publish older lines as JSON on Topic/late only; 0 is never
}

// Source holds the lines to publish. Its methods are called from a stream and
// from the goroutine that reads PUBACKs, Next and Rewind never at the same time.
// None of them may block.
type Source interface {
	Next() (line device.Line, ok bool)
	Ack(seq uint64)
	Rewind()
	Ready() <-chan struct{}
}

// Connection is what a stream writes to.
type Connection interface {
	io.Writer              // of whole packets
	Lost() <-chan struct{} // closed when the connection has ended
}

// Publisher keeps status, results and messages over losses of the connection. Its
// methods may be called from any goroutine, except Configure and NewStream.
type Publisher struct {
	source  Source
	refused func(device.Refused)
	cleared func()
	queue   queue
	wake    wake.Signal // of the stream: something was queued, or the window has room
	counted counters

	options Options
	topics  *topics
	stream  *Stream // the last one; nil: there was none with these options

	// Of the stream while one runs.
	trial     trial
	verdicts  verdicts
	suspected int           // bytes of the last suspect
	onWay     map[sent]bool // without a PUBACK when the last connection was lost
}

// New returns a publisher of the lines of a source. A nil source has none.
func New(source Source) *Publisher {
	if source == nil {
		source = empty{}
	}
	return &Publisher{source: source, queue: queue{wanted: Offline}, refused: func(device.Refused) {}, cleared: func() {}, wake: wake.NewSignal()}
}

// PutAside sets what is called with each message that is put aside, before it is
// forgotten, and when the broker acknowledges a message that Suspect has named. It is
// called before the first stream.
func (p *Publisher) PutAside(refused func(device.Refused), cleared func()) {
	p.refused, p.cleared = refused, cleared
}

// Configure sets the options of streams to come. No stream may run.
func (p *Publisher) Configure(o Options) {
	p.options, p.topics = o, newTopics(o.Topic)
	p.stream = nil // what it has published is another message now
	p.trial, p.onWay, p.verdicts = trial{}, nil, verdicts{}
}

// SetStatus sets the status that is published now and on each new connection: Online,
// Offline, or "", which publishes nothing. Before the first call it is Offline.
func (p *Publisher) SetStatus(status string) {
	p.queue.setStatus(status)
	p.wake.Set()
}

// RepeatStatus publishes the status once more on the connection that is open, even if
// it has not changed.
func (p *Publisher) RepeatStatus() {
	p.queue.repeatStatus()
	p.wake.Set()
}

// Result queues the result of a command. It calls done when the broker has the
// result, or when the result is dropped because too many wait. done may be nil and
// must not block.
func (p *Publisher) Result(command string, r device.Result, done func()) {
	m := message{kind: ofCommand, command: command, payload: appendResult(nil, r), done: done}
	if r.Status == device.Rejected {
		m.kind = ofRejection
	}
	dropped := p.queue.put(m)
	p.counted.resultsDropped.Add(uint64(dropped))
	p.wake.Set()
}

// Retain queues a message to retain on a topic. It replaces a message that waits
// for the same topic. If thousands of topics wait, the oldest message is dropped. It
// calls done when the broker has the message, and not if the message was replaced or
// dropped. done may be nil and must not block.
func (p *Publisher) Retain(topic string, payload []byte, done func()) {
	dropped := p.queue.put(message{kind: toRetain, topic: topic, payload: payload, done: done})
	p.counted.retainDropped.Add(uint64(dropped))
	p.wake.Set()
}

// Counts are the counters of a publisher.
type Counts struct {
	Published      uint64 // lines handed to a connection; again after a loss counts again
	Acked          uint64 // lines that the broker acknowledged, or at QoS 0 that were written
	Late           uint64 // of the published, sent to the topic late
	Messages       uint64 // PUBLISH packets handed to a connection
	ResultsDropped uint64 // because too many waited
	RetainDropped  uint64 // messages to retain, because too many waited
	Refused        uint64 // messages put aside
}

type counters struct {
	published, acked, late, messages, resultsDropped, retainDropped, refused atomic.Uint64
}

// Counts returns the counters since New.
func (p *Publisher) Counts() Counts {
	c := &p.counted
	return Counts{Published: c.published.Load(), Acked: c.acked.Load(), Late: c.late.Load(),
		Messages: c.messages.Load(), ResultsDropped: c.resultsDropped.Load(), RetainDropped: c.retainDropped.Load(), Refused: c.refused.Load()}
}

// empty is a source without lines.
type empty struct{}

func (empty) Next() (device.Line, bool) { return device.Line{}, false }
func (empty) Ack(uint64)                {}
func (empty) Rewind()                   {}
func (empty) Ready() <-chan struct{}    { return nil }
