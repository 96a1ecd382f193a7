package serialbridge

import (
	"fmt"
	"time"
)

// baudSetter is a port whose rate can be changed while it is open, which resets no
// board.
type baudSetter interface {
	SetBaud(baud int) error
}

// weigh lets the tuner hear what came, does what it decides, and tells whether
// the bytes are to be framed.
func (s *session) weigh(p []byte) (worth bool) {
	t := &s.port.search
	before := t.rate
	news := t.hear(p, s.at)
	s.retune(before)
	s.logFinding(news)
	return t.mode != ignoring && t.rate == before
}

// noteQuiet lets the tuner know the time.
func (s *session) noteQuiet() {
	before := s.port.search.rate
	s.port.search.quiet(s.at)
	s.retune(before)
}

// retune sets the rate that the tuner has chosen. What a port refuses is found
// out as any wrong rate is, by what comes.
func (s *session) retune(before int) {
	t := &s.port.search
	if t.rate == before {
		return
	}
	if port, ok := s.link.raw.(baudSetter); ok {
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
	if s.ready && !s.port.search.trying() {
		s.port.gate.set(s.link)
	} else {
		s.port.gate.set(nil)
	}
}

// dailyLog is the last that was said of what the tuner found.
type dailyLog struct {
	what string
	at   time.Time
}

// due tells whether to say it: once, and once a day while it stays so, however
// often the port comes and goes.
func (t *dailyLog) due(what string, at time.Time) bool {
	if what == t.what && at.Sub(t.at) < 24*time.Hour {
		return false
	}
	t.what, t.at = what, at
	return true
}

// logFinding says what was found.
func (s *session) logFinding(news finding) {
	p := s.port
	if news == noFinding {
		return
	}
	s.openGate()
	p.noNewline.opened(p.frames.Counts())
	what, hint := p.search.describe(news)
	if hint == "" {
		p.stats.baud.Store(int64(p.search.known))
		p.stats.setProblem("", "")
	} else {
		p.stats.setProblem(what, hint)
	}
	if !p.findings.due(what, s.at) {
		return
	}
	if hint == "" {
		p.log.Info(what)
	} else {
		p.log.Warn(what, "hint", hint)
	}
}

// describe puts what was found into words; with a hint it is a warning.
func (t *baudSearch) describe(news finding) (what, hint string) {
	const protocols = "binary protocols such as Firmata or MIDI are not read"
	switch {
	case news == baudFound:
		return fmt.Sprintf("the board talks at %d baud", t.rate), ""
	case news == textAgain:
		return "what the board sends is text again", ""
	case news == otherBaud:
		return fmt.Sprintf("this looks like %d baud, not %d", t.known, t.wanted),
			fmt.Sprintf("set baud: %d, or baud: auto", t.known)
	case t.firmata:
		return "the board speaks Firmata, which is no text: nothing is read of it",
			"upload a sketch that prints lines with Serial.println"
	case t.tunable:
		return "the board sends no text at any usual baud rate: nothing is read of it",
			protocols + "; upload a sketch that prints lines with Serial.println"
	case t.nativeUSB:
		return "the board sends no text: nothing is read of it",
			protocols + "; upload a sketch that prints lines with Serial.println"
	default:
		return "what comes is no text: nothing is read of it",
			"set the server to the rate that the sketch gives Serial.begin; " + protocols
	}
}
