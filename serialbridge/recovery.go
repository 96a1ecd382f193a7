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
		s.reportSilent()
	case reopenPort:
		if due, _ := p.alarms.silences.due("reopen", s.at); due {
			p.log.Info("board silent; reopening the port")
		}
		s.link.fail(errSilent)
	case resetBoard:
		s.resetBoard()
	case raiseAlarm:
		s.raiseAlarm()
		if due, _ := p.alarms.silences.due("alarm", s.at); due {
			s.logAlarm()
		}
	}
}

func (s *session) reportSilent() {
	p := s.port
	alarming := p.watchdog.alarming()
	if alarming {
		s.raiseAlarm()
	}
	switch due, _ := p.alarms.silences.due("silent", s.at); {
	case due && alarming:
		s.logAlarm()
	case due:
		p.log.Warn("no line for too long; device offline until one comes",
			"silence", p.options.Silence, "hint", "check that its sketch runs and uses this baud rate")
	}
	if s.reported {
		s.reported = false
		p.handler.Silent(s.at)
	}
}

// lineHeard reports a line to the watchdog. The handler may have blocked since
// the line was read.
func (s *session) lineHeard() {
	p, now := s.port, time.Now()
	silent, back := p.watchdog.line(s.at, now)
	if p.watchdog.last == keepWaiting && p.alarms.standing != (alarm{}) {
		p.alarms.standing = alarm{}
		p.clearProblem()
	}
	if !back {
		return
	}
	if due, _ := p.alarms.silences.due("back", now); due {
		p.log.Info("board sends lines again", "silent_for", silent.Round(time.Second))
	}
}

// resetBoard pulses DTR, if that resets the board, and waits for the boot as
// after an open: nothing may be written to a bootloader.
func (s *session) resetBoard() {
	m := s.resetLine()
	if m == nil {
		s.port.watchdog.skip()
		return
	}
	s.port.gate.set(nil)
	if err := s.pulse(m); err != nil {
		s.link.fail(fmt.Errorf("%w: reset by DTR: %w", errUnplugged, err))
		return
	}
	s.port.log.Info("board silent; reset by DTR")
	s.at = time.Now()
	s.boot(s.at)
	s.port.watchdog.boots(s.at, s.begin.boot)
}

// resetLine returns the modem; nil if DTR does not reset the board, or may not.
func (s *session) resetLine() modem {
	m, ok := s.link.raw.(modem)
	if !ok || !s.begin.canReset || m.SetDTR(true) != nil {
		return nil
	}
	return m
}

// pulse moves DTR alone: with RTS up, that resets an ESP32 too.
func (s *session) pulse(m modem) error {
	if err := m.SetDTR(false); err != nil {
		return err
	}
	select {
	case <-time.After(resetPulse):
	case <-s.ctx.Done():
	}
	return m.SetDTR(true)
}
