package arq

import (
	"context"
	"time"

	"arduino-gateway/internal/wake"
)

// Drive carries out the steps that next returns, until next reports over or ctx ends. It
// calls write for a step with a line. For any other step it waits until the step's time
// or a signal.
func Drive(ctx context.Context, signal wake.Signal, next func(now time.Time) (s Step, over bool), write func(Step)) {
	for ctx.Err() == nil {
		step, over := next(time.Now())
		switch {
		case over:
			return
		case step.Write != nil:
			write(step)
		default:
			wait(ctx, signal, step.Until)
		}
	}
}

func wait(ctx context.Context, signal wake.Signal, until time.Time) {
	timer := wake.At(until)
	defer timer.Stop()
	select {
	case <-signal:
	case <-timer.C:
	case <-ctx.Done():
	}
}
