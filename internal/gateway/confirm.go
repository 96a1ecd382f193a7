package gateway

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync/atomic"

	"arduino-gateway/device"
)

// confirmation recognises the line with which a board confirms the command that was
// written last.
type confirmation struct {
	expected atomic.Pointer[expected] // nil: no confirmation is expected
}

type expected struct {
	pattern *regexp.Regexp
	line    chan string // capacity 1
}

// expect starts to look for the pattern in the board's lines, until stop.
func (c *confirmation) expect(pattern *regexp.Regexp) *expected {
	if pattern == nil {
		return nil
	}
	e := &expected{pattern, make(chan string, 1)}
	c.expected.Store(e)
	return e
}

func (c *confirmation) stop() { c.expected.Store(nil) }

// heard takes each line of the board.
func (c *confirmation) heard(line []byte) {
	if e := c.expected.Load(); e != nil {
		e.heard(line)
	}
}

func (e *expected) heard(line []byte) {
	if !e.pattern.Match(line) {
		return
	}
	select {
	case e.line <- string(line):
	default:
	}
}

var errSilent = errors.New("no line of the board matched confirm")

// await completes the result of a command that was written.
func (e *expected) await(ctx context.Context, result device.Result) device.Result {
	select {
	case result.Reply = <-e.line:
		result.Status = device.Done
	case <-ctx.Done():
		result.Status, result.Error = device.Failed, mayHaveRun(fmt.Errorf("%w: %w", errSilent, context.Cause(ctx)))
	}
	return result
}
