package arq

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/wake"
)

// Drive writes at once, waits until a time or a signal, and ends with over.
func TestDrive_WritesWaitsAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin, signal := time.Now(), wake.NewSignal()
		steps := []Step{{Write: []byte("a")}, {Until: begin.Add(time.Second)}, {}}
		time.AfterFunc(time.Minute, signal.Set)
		var calls []string
		Drive(t.Context(), signal, func(now time.Time) (Step, bool) {
			calls = append(calls, now.Sub(begin).String())
			if len(steps) == 0 {
				return Step{}, true
			}
			step := steps[0]
			steps = steps[1:]
			return step, false
		}, func(s Step) { calls = append(calls, string(s.Write)) })
		if got := fmt.Sprint(calls); got != "[0s a 0s 1s 1m0s]" {
			t.Error(got)
		}
	})
}

// Drive ends with its context while it waits.
func TestDrive_EndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		Drive(ctx, wake.NewSignal(), func(time.Time) (Step, bool) { return Step{}, false }, func(Step) {})
		if took := time.Since(begin); took != time.Minute {
			t.Errorf("ended after %v", took)
		}
	})
}
