package serialbridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// errEnded is why nothing is written between two Runs.
var errEnded = errors.New("the gateway released the port")

// gate makes writers wait for a board that is open and booted.
type gate struct {
	mu      sync.Mutex
	link    *link         // nil: away
	changed chan struct{} // closed and replaced by each set
	ended   chan struct{} // closed by shut, replaced by reopen
}

func newGate() *gate {
	return &gate{changed: make(chan struct{}), ended: make(chan struct{})}
}

// set opens the gate to l; nil closes it for now.
func (g *gate) set(l *link) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.link = l
	close(g.changed)
	g.changed = make(chan struct{})
}

// shut turns away every writer until reopen. Call it once for each reopen.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	close(g.ended)
}

// reopen lets writers wait again.
func (g *gate) reopen() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if closed(g.ended) {
		g.ended = make(chan struct{})
	}
}

// over returns a channel that is closed while writers are turned away.
func (g *gate) over() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

func (g *gate) current() (l *link, changed, ended <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.link, g.changed, g.ended
}

// pass waits for a link that takes lines.
func (g *gate) pass(ctx context.Context) (*link, error) {
	for {
		if ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %w", ErrAway, context.Cause(ctx))
		}
		l, changed, ended := g.current()
		if l != nil && l.failure() == nil {
			return l, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
		case <-ended:
			return nil, fmt.Errorf("%w: %w", ErrAway, errEnded)
		}
	}
}
