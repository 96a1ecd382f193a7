package publisher

import (
	"time"

	"arduino-gateway/device"
)

// flushSize is how many bytes are gathered before they are sent.
const flushSize = 16 << 10

// Stream publishes over one connection.
type Stream struct {
	inflight *inflight
	source   Source
	refused  func(device.Refused)
	queue    *queue
	topics   *topics
	options  *Options
	counted  *counters
	wake     <-chan struct{} // capacity 1: the queue is fresh, or the window has room

	conn   Connection
	lost   <-chan struct{} // closed: the connection has ended
	drain  <-chan struct{} // closed: end when all is acknowledged
	halt   <-chan struct{} // closed: end now
	status string          // published last

	resending bool // some of what is published may have been published before

	gathered []byte // PUBLISH packets to send
	object   []byte // the current line as JSON
	handed   uint64 // lines gathered at QoS 0, to be forgotten when sent
	last     uint64 // seq of the last of them
}

// NewStream returns the stream of the next connection. The one before has ended.
func (p *Publisher) NewStream() *Stream {
	before := p.stream
	p.stream = &Stream{
		inflight: newInflight(p.source, &p.queue, p.wake, &p.counted, p.options.MaxInflight),
		source:   p.source, refused: p.refused, queue: &p.queue, topics: p.topics, options: &p.options, counted: &p.counted, wake: p.wake,
	}
	if before != nil {
		p.stream.inflight.unacked, p.stream.inflight.lastBefore = before.inflight.left()
	}
	return p.stream
}

// Run publishes until the connection is lost, halt is closed, or drain is closed
// and the broker has acknowledged everything. It begins with what the broker did
// not acknowledge on the connection before.
func (p *Stream) Run(conn Connection, drain, halt <-chan struct{}) {
	p.conn, p.lost, p.drain, p.halt = conn, conn.Lost(), drain, halt
	if !p.resending {
		p.inflight.neverSent()
	}
	p.source.Rewind()
	p.queue.rewind()
	draining := false
	for p.open() {
		p.control()
		exhausted := p.lines()
		p.settleResends(exhausted)
		p.flush()
		if draining && exhausted && p.inflight.drained() && p.queue.empty() {
			return
		}
		p.wait(exhausted, &draining)
	}
}

// Acked takes the identifier of a PUBACK. Any goroutine may call it.
func (p *Stream) Acked(id uint16) { p.inflight.acked(id) }

// Stuck reports whether the oldest line has waited for its PUBACK since before Stuck
// was asked last. Any goroutine may call it.
func (p *Stream) Stuck() bool { return p.inflight.stuck() }

// SaidOffline reports whether the broker has the status Offline from this stream,
// whose Run has ended.
func (p *Stream) SaidOffline() bool { return p.status == Offline && p.inflight.drained() }

// Said returns what became of the statuses that the stream has published. Any
// goroutine may call it.
func (p *Stream) Said() Said { return p.inflight.saidSoFar() }

// CameBack takes a message that the broker has sent on the status topic, and reports
// whether it is one that this stream published. Any goroutine may call it.
func (p *Stream) CameBack(status string) (ours bool) { return p.inflight.cameBack(status) }

// open reports whether to go on.
func (p *Stream) open() bool {
	select {
	case <-p.lost:
		return false
	case <-p.halt:
		return false
	default:
		return true
	}
}

// wait returns when there may be something to do: more lines if the source is
// exhausted, else room for them.
func (p *Stream) wait(exhausted bool, draining *bool) {
	var ready, drain <-chan struct{}
	if exhausted {
		ready = p.source.Ready()
	} else if p.inflight.room() {
		return
	}
	if !*draining {
		drain = p.drain
	}
	select {
	case <-p.wake:
	case <-ready:
	case <-drain:
		*draining = true
	case <-p.lost:
	case <-p.halt:
	}
}

// control publishes the status if it has changed, and the queue.
func (p *Stream) control() {
	p.queue.fresh.Store(false)
	p.inflight.forget(p.queue.takeDropped())
	p.publishStatus()
	for range p.queue.unsent() { // no more now, so that a flood of results lets lines pass
		m, ok := p.queue.next()
		if !ok || !p.open() {
			return
		}
		message := publish{topic: m.topic, qos: 1, retain: true}
		if m.isResult() {
			message = publish{topic: ResultTopic(p.options.Topic, m.command), qos: 1}
		}
		gather(p, item{kind: ofMessage, number: m.number}, message, m.payload)
	}
}

func (p *Stream) publishStatus() {
	wanted, repeat := p.queue.status()
	if p.options.StatusTopic == "" || wanted == "" || p.status == wanted && !repeat {
		return
	}
	p.inflight.said(wanted)
	gather(p, item{kind: ofStatus}, publish{topic: p.options.StatusTopic, qos: 1, retain: true}, wanted)
	p.status = wanted
}

// lines publishes while the source has lines and the window has room. It reports
// whether the source ran out of lines.
func (p *Stream) lines() (exhausted bool) {
	for p.open() && p.inflight.room() {
		line, ok := p.source.Next()
		if !ok {
			return true
		}
		p.line(line)
		if p.queue.fresh.Load() {
			p.control()
		}
	}
	return false
}

func (p *Stream) line(line device.Line) {
	values, object := p.shape(line)
	count := len(values)
	if object.topic != "" {
		count++
	}
	var of item
	if p.options.QoS > 0 {
		of = p.inflight.open(line.Seq, count)
	}
	p.counted.published.Add(1)
	for i, r := range values {
		of.index = uint16(i)
		gather(p, of, p.reading(p.topics.reading(r.Name)), r.Value)
	}
	if object.topic != "" {
		p.object = appendLine(p.object[:0], line)
		of.index = uint16(len(values))
		if object.topic == p.topics.late {
			of.index = ofLate
		}
		gather(p, of, object, p.object)
	}
	if p.options.QoS == 0 {
		p.handed, p.last = p.handed+1, line.Seq
	}
}

// shape returns the form of a line: a value for each reading, one object, or both.
// An object without a topic is not published. A late line is only an object, on a
// topic of its own and never retained.
func (p *Stream) shape(line device.Line) (values []device.Reading, object publish) {
	if len(line.Readings) == 0 {
		return nil, object
	}
	if limit := p.options.LateAfter; limit > 0 && isLate(line, time.Now(), limit) {
		p.counted.late.Add(1)
		return nil, publish{topic: p.topics.late, qos: p.options.QoS}
	}
	if p.options.Object {
		object = p.reading(p.options.Topic)
	}
	if p.options.Values {
		values = line.Readings
	}
	return values, object
}

// isLate reports whether a line is too old for the live topics.
func isLate(line device.Line, now time.Time, after time.Duration) bool {
	if line.Time.IsZero() {
		return line.Age > after
	}
	return now.Sub(line.Time) > after
}

func (p *Stream) reading(topic string) publish {
	return publish{topic: topic, qos: p.options.QoS, retain: p.options.Retain}
}

// gather appends one message to those to send. It puts a message aside that MQTT has no
// packet for.
func gather[payload string | []byte](p *Stream, of item, message publish, body payload) {
	begin, again := len(p.gathered), false
	if message.qos > 0 {
		message.id, again = p.identify(of)
	}
	var err error
	if p.gathered, err = appendPublish(p.gathered, message, body); err != nil {
		p.putAside(message, []byte(body), err)
		return
	}
	if again {
		p.gathered[begin] |= duplicate
	}
	p.counted.messages.Add(1)
	if len(p.gathered) >= flushSize {
		p.flush()
	}
}

// flush sends the gathered packets. A failure ends the connection, which open then
// reports. The packets stay, so that each later flush fails too.
func (p *Stream) flush() {
	if len(p.gathered) > 0 {
		if _, err := p.conn.Write(p.gathered); err != nil {
			return
		}
		p.gathered = p.gathered[:0]
	}
	if p.handed > 0 {
		p.counted.acked.Add(p.handed)
		p.source.Ack(p.last)
		p.handed = 0
	}
}

// putAside forgets a message as if the broker had acknowledged it.
func (p *Stream) putAside(message publish, body []byte, why error) {
	p.counted.refused.Add(1)
	p.refused(device.Refused{At: time.Now(), Topic: message.topic, Payload: body, Retain: message.retain, Reason: why.Error()})
	if message.qos > 0 {
		p.inflight.acked(message.id)
	}
}
