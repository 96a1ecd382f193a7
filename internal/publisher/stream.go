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
	cleared  func()
	trial    *trial
	verdicts verdicts
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

	gathered []byte    // PUBLISH packets to send
	object   []byte    // the current line as JSON
	handed   uint64    // lines gathered at QoS 0, to be forgotten when sent
	last     uint64    // seq of the last of them
	written  time.Time // when lines at QoS 0 were written last

	seq    uint64 // of the current line
	lone   *lone  // nil: none
	passed bool   // a message that was alone was acknowledged
}

// NewStream returns the stream of the next connection. The one before has ended.
func (p *Publisher) NewStream() *Stream {
	before := p.stream
	p.stream = &Stream{
		inflight: newInflight(p.source, &p.queue, p.wake, &p.counted, p.options.MaxInflight),
		source:   p.source, refused: p.refused, cleared: p.cleared, trial: &p.trial, verdicts: p.verdicts, queue: &p.queue, topics: p.topics, options: &p.options, counted: &p.counted, wake: p.wake,
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
	status := publish{topic: p.options.StatusTopic, qos: 1, retain: true}
	if aside, _ := p.judge(status, len(wanted)); !aside {
		p.inflight.said(wanted)
	}
	if gather(p, item{kind: ofStatus}, status, wanted) {
		p.status = wanted
	}
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
	qos := p.options.QoS
	if p.trial.narrow() {
		qos = 1 // without a PUBACK the message for which connections end is not to be found
	}
	values, object := p.shape(line)
	count := len(values)
	if object.topic != "" {
		count++
	}
	of := item{kind: ofLine}
	if qos > 0 {
		of = p.inflight.open(line.Seq, count)
	}
	p.seq = line.Seq
	p.counted.published.Add(1)
	for i, r := range values {
		of.index = uint16(i)
		gather(p, of, publish{topic: p.topics.reading(r.Name), qos: qos, retain: p.options.Retain}, r.Value)
	}
	if object.topic != "" {
		object.qos = qos
		p.object = appendLine(p.object[:0], line)
		of.index = uint16(len(values))
		if object.topic == p.topics.late {
			of.index = ofLate
		}
		gather(p, of, object, p.object)
	}
	switch {
	case qos == 0:
		p.handed, p.last = p.handed+1, line.Seq
	case p.options.QoS == 0:
		p.settle() // before lines that are forgotten when they are written
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
		return nil, publish{topic: p.topics.late}
	}
	if p.options.Object {
		object = publish{topic: p.options.Topic, retain: p.options.Retain}
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
