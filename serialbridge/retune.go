package serialbridge

import (
	"fmt"
	"time"
)

// tunable is a port whose rate can be changed while it is open, which resets no
// board.
type tunable interface {
	SetBaud(baud int) error
}

// listen lets the tuner hear what came, does what it decides, and tells whether
// the bytes are to be framed.
func (s *session) listen(p []byte) (worth bool) {
	t := &s.port.tuner
	before := t.rate
	news := t.hear(p, s.at)
	s.retune(before)
	s.tell(news)
	return t.mode != deaf && t.rate == before
}

// listenToNothing lets the tuner know the time.
func (s *session) listenToNothing() {
	before := s.port.tuner.rate
	s.port.tuner.silent(s.at)
	s.retune(before)
}

// retune sets the rate that the tuner has chosen. What a port refuses is found
// out as any wrong rate is, by what comes.
func (s *session) retune(before int) {
	t := &s.port.tuner
	if t.rate == before {
		return
	}
	if port, ok := s.link.raw.(tunable); ok {
		if err := port.SetBaud(t.rate); err != nil {
			s.port.log.Debug("the port refuses a baud rate that was to be tried", "baud", t.rate, "error", err)
		}
	}
	s.port.frames.Reset()
	s.link.setBaud(t.rate)
	s.openGate()
}

// openGate lets commands through to a board that has booted, at its rate.
func (s *session) openGate() {
	if s.ready && !s.port.tuner.astray() {
		s.port.gate.set(s.link)
	} else {
		s.port.gate.set(nil)
	}
}

// told is the last that was said of what the tuner found.
type told struct {
	what string
	at   time.Time
}

// due tells whether to say it: once, and once a day while it stays so, however
// often the port comes and goes.
func (t *told) due(what string, at time.Time) bool {
	if what == t.what && at.Sub(t.at) < 24*time.Hour {
		return false
	}
	t.what, t.at = what, at
	return true
}

// tell says what was found.
func (s *session) tell(news tuned) {
	p := s.port
	if news == nothing {
		return
	}
	s.openGate()
	p.endless.opened(p.frames.Counts())
	what, hint := p.tuner.describe(news)
	if hint == "" {
		p.stats.baud.Store(int64(p.tuner.known))
		p.stats.wrong("", "")
	} else {
		p.stats.wrong(what, hint)
	}
	if !p.told.due(what, s.at) {
		return
	}
	if hint == "" {
		p.log.Info(what)
	} else {
		p.log.Warn(what, "hint", hint)
	}
}

// describe puts what was found into words; with a hint it is a warning.
func (t *tuner) describe(news tuned) (what, hint string) {
	const protocols = "binary protocols such as Firmata or MIDI are not read"
	switch {
	case news == found:
		return fmt.Sprintf("the board talks at %d baud", t.rate), ""
	case news == again:
		return "what the board sends is text again", ""
	case news == elsewhere:
		return fmt.Sprintf("this looks like %d baud, not %d", t.known, t.wish),
			fmt.Sprintf("set baud: %d, or baud: auto", t.known)
	case t.firmata:
		return "the board speaks Firmata, which is no text: nothing is read of it",
			"upload a sketch that prints lines with Serial.println"
	case t.tunable:
		return "the board sends no text at any usual baud rate: nothing is read of it",
			protocols + "; upload a sketch that prints lines with Serial.println"
	case t.rateless:
		return "the board sends no text: nothing is read of it",
			protocols + "; upload a sketch that prints lines with Serial.println"
	default:
		return "what comes is no text: nothing is read of it",
			"set the server to the rate that the sketch gives Serial.begin; " + protocols
	}
}
