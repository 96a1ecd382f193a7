package main

import (
	"context"
	"fmt"
	"log/slog"

	"arduino-gateway/internal/gateway"
)

// named gives a part the name under which its failure is told.
type named struct {
	part interface{ Run(context.Context) error }
	name string
}

func (n named) Run(ctx context.Context) error { return n.part.Run(ctx) }
func (n named) String() string                { return n.name }

// optional is a part whose failure is told, and leaves the others running:
// nobody should lose readings because a socket could not be made.
type optional struct {
	gateway.Runner
	log *slog.Logger
}

func (o optional) Run(ctx context.Context) error {
	if err := o.Runner.Run(ctx); err != nil {
		o.log.Warn(fmt.Sprintf("going on without the %v", o.Runner), "error", err)
	}
	return nil
}
