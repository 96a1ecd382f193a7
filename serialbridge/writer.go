package serialbridge

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrAway means that no byte of the line was written: the board was not open and
// booted, or was busy with earlier lines, until the caller's context ended.
var ErrAway = errors.New("the board is away")

// ErrBroken means that the write broke off: some of the line may have reached
// the board.
var ErrBroken = errors.New("the write broke off")

// Write sends one line with its ending, whole and after the lines of earlier
// calls, paced for the small input buffer of the board. It waits for the board
// until ctx ends and then returns ErrAway. Once begun, it finishes a line even
// if ctx ends: half a line would become the head of the next one. It returns
// ErrBroken if the port is lost, or accepts nothing for 3 s.
//
// begun reports whether some of the line may have reached the board: false with
// ErrAway, true with ErrBroken or without an error.
func (p *Port) Write(ctx context.Context, line []byte) (begun bool, err error) {
	return p.write(ctx, line, nil)
}

// Ask is Write for a line that the board answers. It calls asked right before the
// last bytes of the line go to the kernel. What was read before the time at is not
// the answer. Nor is what is read while leaving reports true: then the kernel still
// holds bytes for the board. Systems that do not tell, and pseudo-terminals, hold
// none.
//
// asked comes before Handler.Closed of the same opening. It comes again if the
// kernel took only a part of those bytes, and must not block. Call leaving only in
// Handler.Line of the same opening.
func (p *Port) Ask(ctx context.Context, line []byte, asked func(at time.Time, leaving func() bool)) (begun bool, err error) {
	return p.write(ctx, line, asked)
}

func (p *Port) write(ctx context.Context, line []byte, asked asked) (begun bool, err error) {
	if err := p.takeTurn(ctx); err != nil {
		return false, fmt.Errorf("write to %s: %w", p, err)
	}
	defer func() { <-p.turn }()
	for {
		l, err := p.gate.pass(ctx)
		if err != nil {
			return false, fmt.Errorf("write to %s: %w", p, err)
		}
		sent, begun, err := l.writeLine(ctx, line, asked)
		p.stats.written.Add(uint64(sent))
		switch {
		case err == nil:
			return true, nil
		case !begun:
			continue // the whole line may go to the next opening, if ctx lasts
		case errors.Is(err, errStuck):
			p.stats.abandoned.Add(1)
		}
		return true, fmt.Errorf("write to %s: %w after %d of %d bytes: %w", p, ErrBroken, sent, len(line), err)
	}
}

// takeTurn waits behind earlier calls: a channel serves its senders in order.
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
