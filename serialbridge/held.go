package serialbridge

import (
	"bytes"
	"time"
)

// heldLine is a line that came while its rate was not yet known to be the right
// one.
type heldLine struct {
	at     time.Time
	text   []byte
	unsure bool // its beginning may be missing
}

// mostHeld bounds the lines that are held. The search decides after 64 bytes that
// end a line.
const mostHeld = 64

// hold keeps a line for the case that its rate turns out to be the right one.
func (s *session) hold(text []byte, unsure bool) {
	if s.port.search.mode == searching && len(s.held) < mostHeld && !isGarbled(text) {
		s.held = append(s.held, heldLine{s.at, bytes.Clone(text), unsure})
	}
}

// settleHeld delivers the held lines if the search has found their rate, and drops
// them if it has given up.
func (s *session) settleHeld() {
	mode := s.port.search.mode
	if mode == searching || len(s.held) == 0 {
		return
	}
	held, now := s.held, s.at
	s.held = nil
	if mode != reading {
		return
	}
	for _, line := range held {
		s.at = line.at
		s.deliver(line.text, line.unsure)
	}
	s.at = now
}
