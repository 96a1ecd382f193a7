package serialbridge

import (
	"context"
	"errors"
	"fmt"
)

// ErrAway says that not a byte of the line was written: the board was not open
// and booted, or busy with earlier lines, until the caller's context ended.
var ErrAway = errors.New("the board is away")

// ErrBroken says that the line broke off: some of it may have reached the board.
var ErrBroken = errors.New("the write broke off")

// Write sends one line with its ending, whole and after the lines of earlier
// calls, paced for the board's small input buffer. It waits for the board until
// ctx ends and then gives ErrAway. A line once begun is finished whatever ctx
// says, since half a line would become the head of the next one; it ends in
// ErrBroken if the port is lost or takes nothing for 3 s.
func (p *Port) Write(ctx context.Context, line []byte) error {
	if err := p.takeTurn(ctx); err != nil {
		return fmt.Errorf("write to %s: %w", p, err)
	}
	defer func() { <-p.turn }()
	for {
		l, err := p.gate.pass(ctx)
		if err != nil {
			return fmt.Errorf("write to %s: %w", p, err)
		}
		sent, begun, err := l.writeLine(ctx, line)
		p.stats.written.Add(uint64(sent))
		switch {
		case err == nil:
			return nil
		case !begun:
			continue // the whole line may go to the next opening, if ctx lasts
		case errors.Is(err, errStuck):
			p.stats.abandoned.Add(1)
		}
		return fmt.Errorf("write to %s: %w after %d of %d bytes: %w", p, ErrBroken, sent, len(line), err)
	}
}

// takeTurn queues behind earlier calls: a channel serves its senders in order.
func (p *Port) takeTurn(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w or busy with earlier lines: %w", ErrAway, context.Cause(ctx))
	case <-p.gate.over():
		return fmt.Errorf("%w: %w", ErrAway, errEnded)
	}
}
