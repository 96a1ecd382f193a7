package arq

import (
	"time"

	"arduino-gateway/internal/protocol"
)

const (
	wasReset = "the board was reset"
	noAnswer = "no answer came in time"
	changed  = "the board now speaks another version of the protocol"
)

// Heard takes a line with a valid checksum. The error says, in words for a user, which
// part of the board's description is not understood.
func (m *Machine) Heard(now time.Time, l protocol.Line) error {
	switch m.phase {
	case away, foreign:
		return nil
	case listening:
		m.enter(asking)
	}
	err := m.describe(now, l)
	switch l.Kind {
	case protocol.HelloLine:
		m.inquiry.greeted = m.inquiry.tries > 0
		if err != nil {
			m.window.abandon(changed)
			m.phase = foreign
		}
	case protocol.StateLine:
		m.state(l.State)
	case protocol.AnswerLine:
		m.answer(now, l.Answer)
	}
	return err
}

func (m *Machine) describe(now time.Time, l protocol.Line) error {
	switch l.Kind {
	case protocol.HelloLine, protocol.PartLine:
		m.inquiry.asked = now // the hello is arriving: do not ask for it
	}
	err := m.hello.Add(l)
	_, m.described = m.hello.Description()
	return err
}

func (m *Machine) state(s protocol.State) {
	m.board = s.Session
	switch m.phase {
	case asking:
		m.settle(s)
	case beginning:
		if s.Session == m.session { // an earlier state says nothing about the new session
			m.enter(open)
			m.link.credit.Begin(s)
		}
	case fetching, open:
		if s.Session != m.session {
			m.reset()
			return
		}
		m.link.credit.Taken(s.Taken)
	}
}

// settle hears a state while the machine asks. The state decides about what was sent in
// two cases. If its session is another one, the board was reset, for no session is begun
// twice. If a hello came before it, it answers a "?", which went out behind all commands.
// A state without a hello may be older than the commands.
func (m *Machine) settle(s protocol.State) {
	w := &m.window
	switch {
	case !w.busy():
	case s.Session != m.session:
		w.abandon(wasReset)
	case !m.inquiry.greeted:
		return
	default:
		ran := 0
		for ran < len(w.flights) && w.flights[ran].Number <= s.Last {
			ran++
		}
		w.back(ran)
	}
	m.proceed()
}

// reset follows a state with another session, or "!again 0".
func (m *Machine) reset() {
	m.window.abandon(wasReset)
	m.proceed()
}

func (m *Machine) answer(now time.Time, a protocol.Answer) {
	if m.phase != open && m.phase != fetching {
		return // to a line of an earlier session, or from before the question
	}
	m.link.answer(now)
	switch {
	case a.Verdict != protocol.Again:
		m.answered(now, a)
	case a.Number == 0:
		m.reset()
	default:
		m.link.credit.Taken(a.Taken)
		m.window.again = m.window.busy()
	}
}

// answered hears "!ok" or "!no".
func (m *Machine) answered(now time.Time, a protocol.Answer) {
	w := &m.window
	i := w.find(a.Number)
	if i < 0 { // it came twice
		m.link.credit.Taken(a.Taken)
		return
	}
	f := w.flights[i]
	m.link.credit.Answered(f.end, a.Taken)
	if f.times == 1 {
		m.link.slowest = max(m.link.slowest, now.Sub(f.at))
	}
	fate := Done
	if a.Verdict == protocol.Refused {
		fate = Refused
	}
	w.finish(i, fate, string(a.Text))
	w.missed(i, f.turn)
	if m.phase == fetching && !w.busy() {
		m.proceed()
	}
}
