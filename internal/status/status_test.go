package status

import (
	"testing"
	"time"
)

func TestJudge(t *testing.T) {
	s := Snapshot{Devices: make([]Device, 2)}
	s.Devices[1].Counts = Counts{Lines: 1000, Refused: 1, Overlong: 20, OutOfBounds: 300, Sent: 5000, Rejected: 60_000, Unsent: 700_000}
	s.Judge(time.Now())
	if n := s.Devices[1].Errors; n != 700_321 {
		t.Errorf("%d errors", n)
	}
	if len(s.Warnings) != 1 || len(s.Devices[0].Warnings) != 1 || len(s.Devices[1].Warnings) != 2 {
		t.Errorf("%q %q %q", s.Warnings, s.Devices[0].Warnings, s.Devices[1].Warnings)
	}
}
