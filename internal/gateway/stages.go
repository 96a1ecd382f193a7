package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Runner is a part with a life of its own. Run ends with nil soon after ctx
// does; an error ends the whole gateway.
type Runner interface {
	Run(ctx context.Context) error
	String() string
}

// Run runs every stage until ctx ends or a part fails, and then stops them last
// stage first, each only when the one after it is down: devices say goodbye
// while the broker they say it to still stands. All failures are joined.
func Run(ctx context.Context, stages ...[]Runner) error {
	ctx, fail := context.WithCancel(ctx)
	defer fail()
	var mu sync.Mutex
	var failures []error
	down := make([]func(), 0, len(stages))
	for _, stage := range stages {
		down = append(down, start(stage, func(err error) {
			mu.Lock()
			defer mu.Unlock()
			failures = append(failures, err)
			fail()
		}))
	}
	<-ctx.Done()
	for i := len(down) - 1; i >= 0; i-- {
		down[i]()
	}
	return errors.Join(failures...)
}

// start runs the parts of one stage and gives the function that stops them and
// waits until they are down.
func start(stage []Runner, failed func(error)) (down func()) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, part := range stage {
		running.Go(func() {
			if err := part.Run(ctx); err != nil {
				failed(fmt.Errorf("%v: %w", part, err))
			}
		})
	}
	return func() {
		stop()
		running.Wait()
	}
}
