// Package supervisor runs the parts of a program and stops them in order.
//
// [Run] starts parts in stages and stops the stages in reverse. [Units] starts and
// stops single parts by key while others keep running. A part is anything that has a
// name and a Run function; the package knows nothing else about it.
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// Part is something that runs. Run returns nil soon after its context ends. Any
// other return value ends the whole program, unless the part is optional.
type Part struct {
	Name     string // for logs and errors
	Run      func(ctx context.Context) error
	Optional bool // Run only logs its failure, and the other parts keep running; Units ignores it
}

// Runner is a part that knows its own name.
type Runner interface {
	Run(ctx context.Context) error
	String() string
}

// PartOf returns the part that a Runner is.
func PartOf(r Runner) Part { return Part{Name: r.String(), Run: r.Run} }

// Run starts the stages in order and waits until ctx ends or a part fails. Then it
// stops the last stage first, and each stage only when the one after it is down:
// devices publish that they are offline while the built-in broker still runs. It
// returns the errors of all parts, joined.
func Run(ctx context.Context, log *slog.Logger, stages ...[]Part) error {
	ctx, fail := context.WithCancel(ctx)
	defer fail()
	var mu sync.Mutex
	var failures []error
	down := make([]func(), 0, len(stages))
	for _, stage := range stages {
		down = append(down, start(stage, log, func(err error) {
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

// start starts the parts of one stage. It returns the function that stops them and
// waits until they are down.
func start(stage []Part, log *slog.Logger, failed func(error)) (down func()) {
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	for _, part := range stage {
		running.Go(func() {
			switch err := part.Run(ctx); {
			case err == nil:
			case part.Optional:
				log.Warn("continuing without the "+part.Name, "error", err)
			default:
				failed(fmt.Errorf("%s: %w", part.Name, err))
			}
		})
	}
	return func() {
		stop()
		running.Wait()
	}
}
