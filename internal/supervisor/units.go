package supervisor

import (
	"context"
	"fmt"
	"sync"
)

// Units are parts that start and stop one by one while others keep running. Its
// methods are called by one goroutine at a time.
type Units struct {
	units   map[string]*unit
	running sync.WaitGroup
	failed  chan error
}

// unit is one running part.
type unit struct {
	stop context.CancelFunc
	down chan struct{} // closed when Run has returned
}

// NewUnits returns an empty set. The caller must call Close.
func NewUnits() *Units {
	return &Units{units: map[string]*unit{}, failed: make(chan error, 1)}
}

// Failed receives the first error that a part returned.
func (u *Units) Failed() <-chan error { return u.failed }

// Start starts a part under a key that is not in use.
func (u *Units) Start(key string, part Part) {
	ctx, stop := context.WithCancel(context.Background())
	one := &unit{stop: stop, down: make(chan struct{})}
	u.units[key] = one
	u.running.Go(func() {
		defer close(one.down)
		defer stop()
		if err := part.Run(ctx); err != nil {
			select {
			case u.failed <- fmt.Errorf("%s: %w", part.Name, err):
			default:
			}
		}
	})
}

// Stop stops the parts with these keys, all at the same time, and waits until they
// are down and their keys are free. If ctx ends first, Stop returns its error, and
// Close waits for the rest.
func (u *Units) Stop(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if one := u.units[key]; one != nil {
			one.stop()
		}
	}
	for _, key := range keys {
		one := u.units[key]
		if one == nil {
			continue
		}
		select {
		case <-one.down:
			delete(u.units, key)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Close stops every part and waits until all are down.
func (u *Units) Close() {
	for _, one := range u.units {
		one.stop()
	}
	u.running.Wait()
}
