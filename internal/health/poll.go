package health

import (
	"context"
	"errors"
	"time"

	"arduino-gateway/internal/status"
)

// Gateway is what this package needs. Status is safe for concurrent use.
type Gateway interface {
	Status(now time.Time) status.Snapshot
}

// patience is how long a snapshot may take.
const patience = 2 * time.Second

var errStuck = errors.New("the gateway does not answer")

// poller gets snapshots from a gateway that may be stuck. A call that does not return in
// time is abandoned; until it returns, all callers get errStuck.
type poller struct {
	gateway Gateway
	busy    chan struct{} // capacity 1
}

func newPoller(g Gateway) *poller { return &poller{gateway: g, busy: make(chan struct{}, 1)} }

// poll returns a snapshot, or errStuck.
func (p *poller) poll(ctx context.Context) (status.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	select {
	case p.busy <- struct{}{}:
	case <-ctx.Done():
		return status.Snapshot{}, errStuck
	}
	got := make(chan status.Snapshot, 1)
	go func() {
		defer func() { <-p.busy }()
		got <- p.gateway.Status(time.Now())
	}()
	select {
	case s := <-got:
		return s, nil
	case <-ctx.Done():
		return status.Snapshot{}, errStuck
	}
}
