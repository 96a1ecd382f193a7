package mqttbridge

import (
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"arduino-gateway/device"
)

// publishPatience is how long one call of paho's Publish waits for its writer.
// It is short because Publish does not notice that the connection has ended.
const publishPatience = 250 * time.Millisecond

// pump publishes all that goes out over one connection, in one goroutine: the
// status when it has changed, then results, then readings.
type pump struct {
	client  mqtt.Client
	conn    *conn
	store   *store
	source  Source
	outbox  *outbox
	topics  *topics
	options *Options
	counted *counters
	wake    <-chan struct{} // capacity 1: the outbox is fresh, the window has room

	drain  <-chan struct{} // closed: end when all is acknowledged
	halt   <-chan struct{} // closed: end now
	status string          // as published last on this connection
}

// run publishes until the connection is lost, halt is closed, or drain is
// closed and nothing is left.
func (p *pump) run() {
	draining := false
	for p.open() {
		// Announced for as long as there may be more to come, so that what is
		// published in this round leaves together.
		p.conn.announce(1)
		p.control()
		exhausted := p.lines()
		p.conn.announce(-1)
		if draining && exhausted && p.store.drained() && p.outbox.empty() {
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
	} else if p.store.room() {
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

// control publishes the status if it has changed, and the results that wait.
func (p *pump) control() {
	p.outbox.fresh.Store(false)
	p.publishStatus()
	for p.open() {
		r, ok := p.outbox.next()
		if !ok || !p.publish(owner{ofResult, r.number}, r.topic, 1, false, r.payload) {
			return
		}
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
	if p.publish(owner{kind: ofStatus}, p.options.StatusTopic, 1, true, []byte(wanted)) {
		p.status = wanted
	}
}

// lines publishes as long as the source has lines and the window has room, and
// tells whether it was the source that ended it.
func (p *pump) lines() (exhausted bool) {
	for p.open() && p.store.room() {
		line, ok := p.source.Next()
		if !ok {
			return true
		}
		if !p.line(line) {
			return false
		}
		if p.outbox.fresh.Load() {
			p.control()
		}
	}
	return false
}

// line publishes one line and tells whether the connection took it all.
func (p *pump) line(line device.Line) bool {
	values, object := p.shape(line)
	count := len(values)
	if object {
		count++
	}
	var of owner
	if p.options.QoS > 0 {
		of = p.store.open(line.Seq, count)
	}
	p.counted.published.Add(1)
	for _, r := range values {
		if !p.reading(of, p.topics.reading(r.Name), []byte(r.Value)) {
			return false
		}
	}
	if object && !p.reading(of, p.options.Topic, appendLine(nil, line)) {
		return false
	}
	if p.options.QoS == 0 {
		p.counted.acked.Add(1)
		p.source.Ack(line.Seq)
	}
	return true
}

// shape tells what of a line is published: a value each, one object, or both.
func (p *pump) shape(line device.Line) (values []device.Reading, object bool) {
	object = p.options.Payload != PayloadValue && len(line.Readings) > 0
	if p.options.Payload != PayloadJSON {
		values = line.Readings
	}
	return values, object
}

func (p *pump) reading(of owner, topic string, payload []byte) bool {
	return p.publish(of, topic, p.options.QoS, p.options.Retain, payload)
}

// publish hands one message to paho and tells whether it was taken. The payload
// is paho's from here on. A full writer is waited for: its own deadline ends
// the connection if it stays full.
func (p *pump) publish(of owner, topic string, qos byte, retain bool, payload []byte) bool {
	for {
		p.conn.announce(1)
		p.store.owner = of
		err := p.client.Publish(topic, qos, retain, payload).Error()
		if err == nil && p.client.IsConnectionOpen() {
			p.counted.messages.Add(1)
			return true
		}
		p.conn.announce(-1)
		if qos > 0 {
			p.store.forget()
		}
		if !p.client.IsConnectionOpen() {
			_ = p.conn.fail(errClosed) // paho is about to
		}
		if !p.open() {
			return false
		}
	}
}
