package gateway

import (
	"strings"

	"arduino-gateway/internal/protocol"
)

// boardHealth follows what the states of a board say about the board itself. The zero
// boardHealth begins an opening of the port.
type boardHealth struct {
	taken, dropped uint16 // in the last state
	known          bool
}

// heard takes a state. It returns how many lines the board has dropped since the one
// before, and whether the board was reset in between.
func (h *boardHealth) heard(s protocol.State, now protocol.Health) (dropped uint16, reset bool) {
	before := *h
	*h = boardHealth{s.Taken, now.Dropped, true}
	switch {
	case !before.known: // what the board did before the port was opened
		return 0, false
	case s.Session == 0 && int16(s.Taken-before.taken) < 0:
		return now.Dropped, true
	}
	return now.Dropped - before.dropped, false
}

// causes returns what reset a board, in words.
func causes(r protocol.Reset) string {
	var all []string
	for _, c := range []struct {
		cause protocol.Reset
		words string
	}{{protocol.Power, "power"}, {protocol.ResetPin, "reset pin"}, {protocol.LowVoltage, "low voltage"}, {protocol.Watchdog, "watchdog"}} {
		if r&c.cause != 0 {
			all = append(all, c.words)
		}
	}
	if all == nil {
		return "unknown"
	}
	return strings.Join(all, ", ")
}
