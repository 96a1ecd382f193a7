package serialbridge

import (
	"fmt"
	"time"
)

// resetPulse is how long DTR is away from where it belongs: enough for the
// capacitor of an Uno, and for the reset circuit of an ESP32.
const resetPulse = 100 * time.Millisecond

// runWatchdog takes the step that is due while no line comes.
func (s *session) runWatchdog() {
	p := s.port
	switch p.watchdog.due(s.at) {
	case reportSilent:
		p.log.Warn("no line came for too long: the device is offline until one does",
			"silence", p.options.Silence, "hint", "does its sketch run, and at this baud rate?")
		if s.reported {
			s.reported = false
			p.handler.Silent(s.at)
		}
	case reopenPort:
		p.log.Info("opening the port anew, since the board is silent")
		s.link.fail(errSilent)
	case resetBoard:
		s.resetBoard()
	case raiseAlarm:
		p.log.Error("the board stays silent", "silent_for", s.at.Sub(p.watchdog.since).Round(time.Second),
			"hint", "check its power, its cable and its sketch")
	}
}

// lineHeard tells that a line came. A handler may have held the reader up since
// the line was read: the board is given time from now on.
func (s *session) lineHeard(now time.Time) {
	if silent, back := s.port.watchdog.line(now); back {
		s.port.log.Info("the board speaks again", "silent_for", silent.Round(time.Second))
	}
}

// resetBoard pulses DTR, where there is one, and waits for the boot as after an
// open: a bootloader must not be written to.
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
	s.port.log.Info("the board was reset by DTR, since it is silent")
	s.at = time.Now()
	s.boot(s.at)
	s.port.watchdog.boots(s.at, s.begin.boot)
}

// resetLine gives the port's DTR and where it belongs; nil where there is none.
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
