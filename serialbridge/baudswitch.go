package serialbridge

import (
	"fmt"
	"time"
)

// baudSetter is a port whose rate can change while it is open. That resets no
// board.
type baudSetter interface {
	SetBaud(baud int) error
}

// weigh passes input to the baud search, applies what it decides, and reports
// whether the bytes may be framed.
func (s *session) weigh(p []byte) (worth bool) {
	t := &s.port.search
	before := t.rate
	result := t.hear(p, s.at)
	s.applyRate(before)
	s.logFinding(result)
	s.settleHeld()
	return t.mode != ignoring && t.rate == before && !t.settling(s.at)
}

// noteQuiet tells the baud search the time while no input comes.
func (s *session) noteQuiet() {
	before := s.port.search.rate
	s.port.search.quiet(s.at)
	s.applyRate(before)
	if s.port.search.mode != searching {
		s.held = nil // the search has ended without a result
	}
}

// applyRate sets the rate that the baud search has chosen. If the port refuses it,
// the input shows it like any wrong rate.
func (s *session) applyRate(before int) {
	t := &s.port.search
	if t.rate == before {
		return
	}
	if port, ok := s.link.raw.(baudSetter); ok {
		if err := port.SetBaud(t.rate); err != nil {
			s.port.log.Debug("port refused a baud rate of the search", "baud", t.rate, "error", err)
		}
	}
	s.port.frames.Reset()
	s.held, s.unsure = nil, false
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

// dailyLog is the last finding that was logged.
type dailyLog struct {
	what string
	at   time.Time
}

// due reports whether to log a finding: once, and once a day while it lasts,
// however often the port comes and goes.
func (t *dailyLog) due(what string, at time.Time) bool {
	if what == t.what && at.Sub(t.at) < 24*time.Hour {
		return false
	}
	t.what, t.at = what, at
	return true
}

// logFinding logs a finding and keeps it as the problem of the port.
func (s *session) logFinding(result finding) {
	p := s.port
	if result == noFinding {
		return
	}
	s.openGate()
	p.noNewline.opened()
	what, hint := p.search.describe(result)
	if hint == "" {
		p.stats.baud.Store(int64(p.search.known))
		p.clearProblem()
		if result == baudFound && p.options.FoundBaud != nil {
			p.options.FoundBaud(p.search.known)
		}
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

// describe puts a finding into words. With a hint it is a warning.
func (b *baudSearch) describe(result finding) (what, hint string) {
	const protocols = "binary protocols such as Firmata or MIDI are not read"
	switch {
	case result == baudFound:
		return fmt.Sprintf("board sends text at %d baud", b.rate), ""
	case result == textAgain:
		return "board sends text again", ""
	case result == otherBaud:
		return fmt.Sprintf("text found at %d baud, not %d", b.known, b.wanted),
			fmt.Sprintf("set baud: %d, or baud: auto", b.known)
	case b.firmata:
		return "board sends Firmata (binary), not text lines; ignored",
			"upload a sketch that prints lines with Serial.println"
	case b.tunable && b.rates == AllRates:
		return "board sends no text at any usual baud rate; ignored",
			protocols + "; upload a sketch that prints lines with Serial.println"
	case b.tunable:
		return "board sends no text at any usual baud rate from 4800; ignored",
			protocols + "; slower rates are not tried here, because they start the bootloader of many boards"
	case b.rates == NoRates:
		return "board sends no text; ignored",
			protocols + "; upload a sketch that prints lines with Serial.println"
	default:
		return "server sends no text; ignored",
			"set the server to the rate in the sketch's Serial.begin; " + protocols
	}
}
