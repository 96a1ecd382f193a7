package mqttbridge

import (
	"time"

	"arduino-gateway/device"
)

// flushSize is how many bytes are gathered before they are sent.
const flushSize = 16 << 10

// pump publishes all that goes out over one connection, in one goroutine: the
// status when it has changed, then results, then readings. What is there to say
// at one time leaves with one system call; nothing waits for a timer.
type pump struct {
	conn    *conn
	ledger  *ledger
	source  Source
	outbox  *outbox
	topics  *topics
	options *Options
	counted *counters
	wake    <-chan struct{} // capacity 1: the outbox is fresh, the window has room

	drain  <-chan struct{} // closed: end when all is acknowledged
	halt   <-chan struct{} // closed: end now
	status string          // as published last on this connection

	gathered []byte // PUBLISH packets to send
	object   []byte // the line in hand as JSON
	handed   uint64 // lines gathered at QoS 0, to be forgotten when sent
	last     uint64 // seq of the last of them
}

// run publishes until the connection is lost, halt is closed, or drain is
// closed and nothing is left.
func (p *pump) run() {
	draining := false
	for p.open() {
		p.control()
		exhausted := p.lines()
		p.flush()
		if draining && exhausted && p.ledger.drained() && p.outbox.empty() {
			return
		}
		p.wait(exhausted, &draining)
	}
}

// open tells whether to go on.
func (p *pump) open() bool {
	select {
	case <-p.conn.lost:
		return false
	case <-p.halt:
		return false
	default:
		return true
	}
}

// wait returns when there may be something to do: more lines if the source was
// exhausted, else room for them.
func (p *pump) wait(exhausted bool, draining *bool) {
	var ready, drain <-chan struct{}
	if exhausted {
		ready = p.source.Ready()
	} else if p.ledger.room() {
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
	case <-p.conn.lost:
	case <-p.halt:
	}
}

// control publishes the status if it has changed, and the messages that wait.
func (p *pump) control() {
	p.outbox.fresh.Store(false)
	p.publishStatus()
	for p.open() {
		m, ok := p.outbox.next()
		if !ok {
			return
		}
		message := publish{topic: m.topic, qos: 1, retain: true}
		if m.isResult() {
			message = publish{topic: resultTopic(p.options.Topic, m.command), qos: 1}
		}
		gather(p, owner{ofMessage, m.number}, message, m.payload)
	}
}

func (p *pump) publishStatus() {
	wanted := offline
	if p.outbox.status() {
		wanted = online
	}
	if p.options.StatusTopic == "" || p.status == wanted {
		return
	}
	gather(p, owner{kind: ofStatus}, publish{topic: p.options.StatusTopic, qos: 1, retain: true}, wanted)
	p.status = wanted
}

// lines publishes as long as the source has lines and the window has room, and
// tells whether it was the source that ended it.
func (p *pump) lines() (exhausted bool) {
	for p.open() && p.ledger.room() {
		line, ok := p.source.Next()
		if !ok {
			return true
		}
		p.line(line)
		if p.outbox.fresh.Load() {
			p.control()
		}
	}
	return false
}

func (p *pump) line(line device.Line) {
	values, object := p.shape(line)
	count := len(values)
	if object.topic != "" {
		count++
	}
	var of owner
	if p.options.QoS > 0 {
		of = p.ledger.open(line.Seq, count)
	}
	p.counted.published.Add(1)
	for _, r := range values {
		gather(p, of, p.reading(p.topics.reading(r.Name)), r.Value)
	}
	if object.topic != "" {
		p.object = appendLine(p.object[:0], line)
		gather(p, of, object, p.object)
	}
	if p.options.QoS == 0 {
		p.handed, p.last = p.handed+1, line.Seq
	}
}

// shape tells what of a line is published: a value each, one object, or both;
// the object has no topic where there is none. Of a late line there is only the
// object, on a topic of its own and never retained.
func (p *pump) shape(line device.Line) (values []device.Reading, object publish) {
	if len(line.Readings) == 0 {
		return nil, object
	}
	if limit := p.options.LateAfter; limit > 0 && isLate(line, time.Now(), limit) {
		p.counted.late.Add(1)
		return nil, publish{topic: p.topics.late, qos: p.options.QoS}
	}
	if p.options.Payload != PayloadValue {
		object = p.reading(p.options.Topic)
	}
	if p.options.Payload != PayloadJSON {
		values = line.Readings
	}
	return values, object
}

// isLate tells whether a line is too old for the live topics.
func isLate(line device.Line, now time.Time, after time.Duration) bool {
	if line.Time.IsZero() {
		return line.Age > after
	}
	return now.Sub(line.Time) > after
}

func (p *pump) reading(topic string) publish {
	return publish{topic: topic, qos: p.options.QoS, retain: p.options.Retain}
}

// gather adds one message to what is to be sent.
func gather[payload string | []byte](p *pump, of owner, message publish, body payload) {
	if message.qos > 0 {
		message.id = p.ledger.enter(of)
	}
	p.gathered = appendPublish(p.gathered, message, body)
	p.counted.messages.Add(1)
	if len(p.gathered) >= flushSize {
		p.flush()
	}
}

// flush sends what was gathered. A failure ends the connection, of which open
// tells then; what is still gathered makes each later flush fail too.
func (p *pump) flush() {
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
