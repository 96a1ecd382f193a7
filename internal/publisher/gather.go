package publisher

import (
	"errors"
	"time"

	"arduino-gateway/device"
)

var errRefused = errors.New("the broker closes the connection whenever it comes (hint: may this user publish there, and is it within the broker's size limit?)")

// gather appends one message to those to send. It puts a message aside that the broker
// refuses. It returns false if the connection has ended before.
func gather[payload string | []byte](p *Stream, of item, message publish, body payload) (ok bool) {
	if p.careful() {
		switch aside, alone := p.judge(message, len(body)); {
		case aside:
			refuse(p, of, message, body)
			return true
		case alone:
			return sendAlone(p, of, message, body)
		}
	}
	if add(p, of, message, body) && len(p.gathered) >= flushSize {
		p.flush()
	}
	return true
}

// add appends the packet of a message, or puts the message aside if MQTT has none.
func add[payload string | []byte](p *Stream, of item, message publish, body payload) (ok bool) {
	begin, again := len(p.gathered), false
	if message.qos > 0 {
		message.id, again = p.identify(of)
	}
	var err error
	if p.gathered, err = appendPublish(p.gathered, message, body); err != nil {
		p.putAside(message, []byte(body), err)
		p.inflight.acked(message.id) // as if the broker had
		return false
	}
	if again {
		p.gathered[begin] |= duplicate
	}
	p.counted.messages.Add(1)
	return true
}

// refuse puts a message aside that the broker refuses, unless it was done before.
func refuse[payload string | []byte](p *Stream, of item, message publish, body payload) {
	if !p.verdicts.again(p.named(of, message.topic)) {
		p.putAside(message, []byte(body), errRefused)
	}
	if message.qos > 0 {
		id, _ := p.identify(of)
		p.inflight.acked(id) // as if the broker had
	}
}

// putAside hands a message over to be kept.
func (p *Stream) putAside(message publish, body []byte, why error) {
	p.counted.refused.Add(1)
	p.refused(device.Refused{At: time.Now(), Topic: message.topic, Payload: body, Retain: message.retain, Reason: why.Error()})
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
		p.written = time.Now()
		p.counted.acked.Add(p.handed)
		p.source.Ack(p.last)
		p.handed = 0
	}
}
