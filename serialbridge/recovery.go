package serialbridge

import (
	"fmt"
	"time"
)

// resetPulse is how long DTR is inverted: enough for the capacitor of an Uno and
// for the reset circuit of an ESP32.
const resetPulse = 100 * time.Millisecond

// runWatchdog takes the step that is due while no line comes.
func (s *session) runWatchdog() {
	p := s.port
	switch p.watchdog.due(s.at) {
	case reportSilent:
		p.log.Warn("no line for too long; device offline until one comes",
			"silence", p.options.Silence, "hint", "check that its sketch runs and uses this baud rate")
		if s.reported {
			s.reported = false
			p.handler.Silent(s.at)
		}
	case reopenPort:
		p.log.Info("board silent; reopening the port")
		s.link.fail(errSilent)
	case resetBoard:
		s.resetBoard()
	case raiseAlarm:
		p.log.Error("board still silent", "silent_for", s.at.Sub(p.watchdog.since).Round(time.Second),
			"hint", "check its power, its cable and its sketch")
	}
}

// lineHeard reports a line to the watchdog. The handler may have blocked since
// the line was read, so the board's time counts from now.
func (s *session) lineHeard(now time.Time) {
	if silent, back := s.port.watchdog.line(now); back {
		s.port.log.Info("board sends lines again", "silent_for", silent.Round(time.Second))
	}
}

// resetBoard pulses DTR, if the port has one, and waits for the boot as after an
// open: nothing may be written to a bootloader.
func (s *session) resetBoard() {
	m, up := s.resetLine()
	if m == nil {
		s.port.watchdog.skip()
		return
	}
	s.port.gate.set(nil)
	if err := s.pulse(m, up); err != nil {
		s.link.fail(fmt.Errorf("%w: reset by DTR: %w", errUnplugged, err))
		return
	}
	s.port.log.Info("board silent; reset by DTR")
	s.at = time.Now()
	s.boot(s.at)
	s.port.watchdog.boots(s.at, s.begin.boot)
}

// resetLine returns the modem and the normal level of DTR; nil if the port has
// no DTR.
func (s *session) resetLine() (m modem, up bool) {
	m, _ = s.link.raw.(modem)
	up = s.begin.dtr == nil || *s.begin.dtr
	if m == nil || m.SetDTR(up) != nil {
		return nil, false
	}
	return m, up
}

// pulse moves DTR alone: with RTS up, that resets an ESP32 too.
func (s *session) pulse(m modem, up bool) error {
	if err := m.SetDTR(!up); err != nil {
		return err
	}
	select {
	case <-time.After(resetPulse):
	case <-s.ctx.Done():
	}
	return m.SetDTR(up)
}
