package arq

import (
	"time"

	"arduino-gateway/internal/protocol"
)

const (
	wasReset = "the board was reset"
	noAnswer = "no answer came in time"
	changed  = "the board speaks another protocol now"
)

// Heard takes a line with a right checksum. The error is what something of the
// board's description is not taken for, in a user's words.
func (x *Exchange) Heard(now time.Time, l protocol.Line) error {
	switch x.phase {
	case away, foreign:
		return nil
	case listening:
		x.enter(asking)
	}
	err := x.describe(now, l)
	switch l.Kind {
	case protocol.HelloLine:
		x.greeted = x.tries > 0
		if err != nil {
			x.abandon(changed)
			x.phase = foreign
		}
	case protocol.StateLine:
		x.state(l.State)
	case protocol.AnswerLine:
		x.answer(now, l.Answer)
	}
	return err
}

func (x *Exchange) describe(now time.Time, l protocol.Line) error {
	switch l.Kind {
	case protocol.HelloLine, protocol.PartLine:
		x.asked = now // no need to ask while it is being told
	}
	err := x.hello.Take(l)
	_, x.described = x.hello.Description()
	return err
}

// state hears where the board stands.
func (x *Exchange) state(s protocol.State) {
	x.board = s.Session
	switch x.phase {
	case asking:
		x.settle(s)
	case beginning:
		if s.Session == x.session { // what was printed before is of no account
			x.enter(open)
			x.credit.Begin(s)
		}
	case fetching, open:
		if s.Session != x.session {
			x.reset()
			return
		}
		x.credit.Taken(s.Taken)
	}
}

// settle hears a state while the exchange asks. It is the truth about what was
// sent where its session is another, since none is begun twice; and where a
// hello came before it, since that answers a "?", which went out behind all
// commands. A sign of life may be from before them.
func (x *Exchange) settle(s protocol.State) {
	switch {
	case len(x.flying) == 0:
	case s.Session != x.session:
		x.abandon(wasReset)
	case !x.greeted:
		return
	default:
		ran := 0
		for ran < len(x.flying) && x.flying[ran].Number <= s.Last {
			ran++
		}
		x.back(ran)
	}
	x.proceed()
}

// reset is heard by a state with another session, or by "!again 0".
func (x *Exchange) reset() {
	x.abandon(wasReset)
	x.proceed()
}

func (x *Exchange) answer(now time.Time, a protocol.Answer) {
	if x.phase != open && x.phase != fetching {
		return // to what was sent in an earlier session, or before the asking
	}
	x.owed = max(0, x.owed-1)
	x.heard = now
	switch {
	case a.Verdict != protocol.Again:
		x.answered(now, a)
	case a.Number == 0:
		x.reset()
	default:
		x.credit.Taken(a.Taken)
		x.again = len(x.flying) > 0
	}
}

// answered hears "!ok" or "!no".
func (x *Exchange) answered(now time.Time, a protocol.Answer) {
	i := x.find(a.Number)
	if i < 0 { // it came twice
		x.credit.Taken(a.Taken)
		return
	}
	f := x.flying[i]
	x.credit.Answered(f.end, a.Taken)
	if f.times == 1 {
		x.slowest = max(x.slowest, now.Sub(f.at))
	}
	fate := Done
	if a.Verdict == protocol.Refused {
		fate = Refused
	}
	x.finish(i, fate, string(a.Text))
	for j := range x.flying[:i] { // they were answered before
		x.flying[j].lost = x.flying[j].lost || x.flying[j].turn < f.turn
	}
	if x.phase == fetching && len(x.flying) == 0 {
		x.proceed()
	}
}

// find gives the place of a command that was sent, or -1.
func (x *Exchange) find(number uint16) int {
	for i, f := range x.flying {
		if f.Number == number && f.out {
			return i
		}
	}
	return -1
}
