package gateway

import (
	"testing"

	"arduino-gateway/internal/protocol"
)

func TestBoardHealth_CountsWhatTheBoardDrops(t *testing.T) {
	var h boardHealth
	for i, step := range []struct {
		state   protocol.State
		health  protocol.Health
		dropped uint16
		reset   bool
	}{
		{protocol.State{Taken: 40}, protocol.Health{Dropped: 7}, 0, false}, // from before the port was opened
		{protocol.State{Session: 1, Taken: 52}, protocol.Health{Dropped: 7}, 0, false},
		{protocol.State{Session: 1, Taken: 80}, protocol.Health{Dropped: 9}, 2, false},
		{protocol.State{Session: 0, Taken: 82}, protocol.Health{Dropped: 9}, 0, false}, // a person typed ?
		{protocol.State{Session: 0, Taken: 0}, protocol.Health{Dropped: 1, Reset: protocol.Watchdog}, 1, true},
		{protocol.State{Session: 2, Taken: 65530}, protocol.Health{Dropped: 65535}, 65534, false},
		{protocol.State{Session: 2, Taken: 4}, protocol.Health{Dropped: 3}, 4, false},
	} {
		if dropped, reset := h.heard(step.state, step.health); dropped != step.dropped || reset != step.reset {
			t.Errorf("state %d: dropped %d, reset %v", i, dropped, reset)
		}
	}
}

func TestCauses(t *testing.T) {
	for want, r := range map[string]protocol.Reset{
		"unknown": 0, "watchdog": protocol.Watchdog, "power, low voltage": protocol.Power | protocol.LowVoltage, "reset pin": protocol.ResetPin,
	} {
		if got := causes(r); got != want {
			t.Errorf("%d: %s, want %s", r, got, want)
		}
	}
}
