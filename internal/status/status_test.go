package status

import (
	"testing"
	"time"
)

// The errors are the sum of those counts that need attention.
func TestJudge(t *testing.T) {
	s := Snapshot{Devices: make([]Device, 2)}
	s.Devices[1].Counts = Counts{Lines: 10_000, Refused: 1, Damaged: 20, Overlong: 300, OutOfBounds: 4000, Sent: 50_000, Rejected: 600_000, Unsent: 7_000_000}
	s.Judge(time.Now())
	if n := s.Devices[1].Errors; n != 7_004_321 {
		t.Errorf("%d errors", n)
	}
	if len(s.Warnings) != 1 || len(s.Devices[0].Warnings) != 1 || len(s.Devices[1].Warnings) != 2 {
		t.Errorf("%q %q %q", s.Warnings, s.Devices[0].Warnings, s.Devices[1].Warnings)
	}
}
