package serialbridge

import (
	"testing"
	"time"
)

// The delay doubles up to its bound, and starts over after a long opening.
func TestBackoff_DoublesAndStartsOver(t *testing.T) {
	const s, ms = time.Second, time.Millisecond
	b := backoff{min: 200 * ms, max: 5 * s}
	steps := []struct {
		lived, limit time.Duration
		jitter       float64
		want         time.Duration
	}{
		{0, 0, 1, 200 * ms},
		{0, 0, 1, 400 * ms},
		{0, 0, 0, 400 * ms}, // 800 ms without its upper half
		{time.Second, 0, 1, 1600 * ms},
		{0, 0, 1, 3200 * ms},
		{0, 0, 1, 5 * s},
		{0, 0, 0.5, 3750 * ms},
		{0, 30 * s, 1, 10 * s}, // not permitted: slower
		{0, 30 * s, 1, 20 * s},
		{0, 30 * s, 1, 30 * s},
		{0, 0, 1, 5 * s}, // the cause changed
		{4 * s, 0, 1, 5 * s},
		{5 * s, 0, 1, 200 * ms}, // it was open for long
	}
	for i, step := range steps {
		if got := b.next(step.lived, step.limit, step.jitter); got != step.want {
			t.Errorf("step %d: %v, want %v", i, got, step.want)
		}
	}
}

// An unchanged state is repeated at intervals that grow to an hour.
func TestLogLimit_RepeatsAtGrowingIntervals(t *testing.T) {
	var n logLimit
	logged := 0
	for second := range 24 * 3600 {
		if due, _ := n.due("missing", noon.Add(time.Duration(second)*time.Second)); due {
			logged++
		}
	}
	// At 0, then after 1, 2, 4, 8, 16, 32 and every 60 minutes.
	if want := 1 + 6 + 22; logged != want {
		t.Errorf("%d lines a day, want %d", logged, want)
	}
}

// Each change of state is logged.
func TestLogLimit_LogsEachChange(t *testing.T) {
	var n logLimit
	for i, state := range []string{"missing", "ready", "lost", "missing", "ready"} {
		if due, _ := n.due(state, noon.Add(time.Duration(i)*time.Second)); !due {
			t.Errorf("change %d to %q goes untold", i, state)
		}
	}
}

// A loose plug does not fill the log.
func TestLogLimit_BoundsAFlappingPort(t *testing.T) {
	var n logLimit
	states := []string{"lost", "ready"}
	logged, skipped := 0, 0
	for second := range 24 * 3600 {
		due, before := n.due(states[second%2], noon.Add(time.Duration(second)*time.Second))
		if due {
			logged++
		}
		skipped += before
	}
	if logged < 24*6 || logged > 24*6+logBurst {
		t.Errorf("%d lines a day", logged)
	}
	if logged+skipped < 24*3600-600 {
		t.Errorf("%d logged and %d skipped don't add up to a day", logged, skipped)
	}
}
