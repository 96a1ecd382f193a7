package health

import (
	"context"
	"errors"
	"time"

	"arduino-gateway/internal/status"
)

// Gateway is asked from any goroutine.
type Gateway interface {
	Status(now time.Time) status.Snapshot
}

// patience is how long a snapshot may take.
const patience = 2 * time.Second

var errStuck = errors.New("the gateway does not answer")

// ask gives up on a gateway that is stuck. What was asked is left to itself
// then, and one at a time: until it comes back, everyone gets errStuck.
type asker struct {
	gateway Gateway
	turn    chan struct{} // capacity 1
}

func newAsker(g Gateway) *asker { return &asker{gateway: g, turn: make(chan struct{}, 1)} }

func (a *asker) ask(ctx context.Context) (status.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case a.turn <- struct{}{}:
	case <-ctx.Done():
		return status.Snapshot{}, errStuck
	}
	got := make(chan status.Snapshot, 1)
	go func() {
		defer func() { <-a.turn }()
		got <- a.gateway.Status(time.Now())
	}()
	select {
	case s := <-got:
		return s, nil
	case <-ctx.Done():
		return status.Snapshot{}, errStuck
	}
}
