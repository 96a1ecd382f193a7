package gateway

import (
	"context"
	"fmt"
	"sync"
)

// Units are parts that come and go while others of them run on. Its methods are
// called by one goroutine at a time.
type Units struct {
	units   map[string]*unit
	running sync.WaitGroup
	failed  chan error
}

// unit is one part under way.
type unit struct {
	stop context.CancelFunc
	down chan struct{} // closed when Run has returned
}

// NewUnits has none yet. The caller owes them a Close.
func NewUnits() *Units {
	return &Units{units: map[string]*unit{}, failed: make(chan error, 1)}
}

// Failed gives the first error with which a part has ended.
func (u *Units) Failed() <-chan error { return u.failed }

// Start runs a part under a key that is free.
func (u *Units) Start(key string, part Runner) {
	ctx, stop := context.WithCancel(context.Background())
	one := &unit{stop: stop, down: make(chan struct{})}
	u.units[key] = one
	u.running.Go(func() {
		defer close(one.down)
		defer stop()
		if err := part.Run(ctx); err != nil {
			select {
			case u.failed <- fmt.Errorf("%v: %w", part, err):
			default:
			}
		}
	})
}

// Stop stops the parts with these keys, all at once, and waits until they are
// down and their keys are free. An error is that of ctx, which ended before: the
// rest is Close's then.
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
