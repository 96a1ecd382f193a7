package publisher

import "time"

// Suspect is a message for which the broker seems to close connections.
type Suspect struct {
	Topic       string
	Bytes       int // of its payload
	Connections int // in a row that ended when it came
}

// lone is the message that is alone on its way.
type lone struct {
	message identity
	bytes   int
	sent    time.Time
	held    bool
}

// Away tells the publisher that no broker accepts a connection: then the broker or the
// network comes and goes, and no message is to blame.
func (p *Publisher) Away() { p.trial, p.onWay = trial{}, nil }

// Lost tells the publisher that the connection of the last stream, whose Run has
// returned, was lost. byBroker: not by this side. It reports whether a message is proven
// to be refused; the next stream puts it aside.
func (p *Publisher) Lost(byBroker bool, now time.Time) (refused bool) {
	s := p.stream
	e := ending{byBroker: byBroker, unacked: s.inflight.onTheWire(), others: s.passed}
	before := p.onWay
	p.onWay = s.inflight.onTheirWay()
	e.again = s.options.QoS == 0 || common(before, p.onWay) // at QoS 0, what was on its way is lost
	if s.lone != nil && e.unacked == 1 {
		e.alone, e.message, e.held, e.after = true, s.lone.message, s.lone.held, now.Sub(s.lone.sent)
		p.suspected = s.lone.bytes
	} else if e.unacked == 0 && s.options.QoS == 0 && now.Sub(s.written) <= promptly {
		e.unacked = s.options.MaxInflight // of lines, nothing more is known
	}
	suspect := e.message
	if !p.trial.ended(e) {
		return false
	}
	p.verdicts.add(suspect.topic, p.suspected, now)
	return true
}

// common reports whether a publish is in both.
func common(a, b map[sent]bool) bool {
	for one := range a {
		if b[one] {
			return true
		}
	}
	return false
}

// Suspect returns the message for which the broker has closed several connections in a
// row. It is called between Lost and the next stream.
func (p *Publisher) Suspect() (s Suspect, ok bool) {
	t := &p.trial
	return Suspect{Topic: t.suspect.topic, Bytes: p.suspected, Connections: t.row}, t.reported()
}

// careful reports whether gather has to ask judge.
func (p *Stream) careful() bool { return p.trial.narrow() || len(p.verdicts) > 0 }

// judge decides about a message: whether it is put aside, and else, whether it is sent
// alone.
func (p *Stream) judge(message publish, size int) (aside, alone bool) {
	aside, try := p.verdicts.refuses(message.topic, size, time.Now())
	return aside, message.qos > 0 && (try || p.trial.narrow())
}

// sendAlone sends a message when nothing else is on the way, and waits for its PUBACK. It
// returns false if the connection has ended before.
func sendAlone[payload string | []byte](p *Stream, of item, message publish, body payload) (ok bool) {
	held, ok := p.makeWay(of, message)
	if !ok || !add(p, of, message, body) {
		return ok
	}
	p.lone = &lone{message: p.named(of, message.topic), bytes: len(body), sent: time.Now(), held: held}
	if !p.settle() {
		return true
	}
	if p.trial.passed(p.lone.message) {
		p.cleared()
	}
	p.verdicts.passed(message.topic)
	p.lone, p.passed = nil, true
	return true
}

// makeWay waits until the broker has acknowledged everything, also the status, which
// proves that it takes messages. If the message is a suspect, it then waits until the
// connection has been quiet. It returns false if the connection has ended before.
func (p *Stream) makeWay(of item, message publish) (held, ok bool) {
	if !p.settle() {
		return false, false
	}
	suspect := p.trial.suspects(p.named(of, message.topic))
	if !suspect && (p.passed || p.options.StatusTopic == "" || of.kind == ofStatus) {
		return false, true
	}
	quiet := statusTime
	if suspect {
		quiet = p.trial.hold()
	}
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	defer p.inflight.wake.Set() // what has woken may have been for the caller
	for suspect || !p.passed {
		select {
		case <-timer.C:
			return suspect, true
		case <-p.lost:
			return false, false
		case <-p.halt:
			return false, false
		case <-p.wake:
			if of.kind != ofStatus {
				p.publishStatus()
			}
		}
	}
	return false, p.open()
}

// settle sends what is gathered, and returns when nothing is on the way, or false if the
// connection ends before.
func (p *Stream) settle() bool {
	p.flush()
	defer p.inflight.wake.Set() // what has woken may have been for the caller
	for p.open() {
		if p.inflight.quiet() {
			return true
		}
		select {
		case <-p.wake:
		case <-p.lost:
		case <-p.halt:
		}
	}
	return false
}

// named returns the identity of a message that is about to be sent.
func (p *Stream) named(of item, topic string) identity {
	switch of.kind {
	case ofLine:
		return identity{kind: ofLine, number: p.seq, index: of.index, topic: topic}
	case ofMessage:
		return identity{kind: ofMessage, number: of.number, topic: topic}
	}
	return identity{kind: ofStatus, topic: topic}
}
