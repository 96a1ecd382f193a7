package gateway

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
)

// confirmation recognises the line with which a board confirms the command that was
// written last.
type confirmation struct {
	expected atomic.Pointer[expected] // nil: no confirmation is expected
}

// expected is the answer to one command. Only what the board prints after the command went
// out can be the answer, and only on that opening of the port: the board on the next one
// may be another.
type expected struct {
	pattern *regexp.Regexp
	asked   atomic.Pointer[asked] // nil: the command has not gone out, or the port is closed
	line    chan string           // capacity 1
	lost    chan error            // capacity 1; nil: the port was closed, and did not fail
}

// asked is when a command went out, and whether a part of it has yet to leave.
type asked struct {
	at      time.Time
	leaving func() bool
}

// expect begins to expect an answer, until stop. ask must be called when the command goes
// out.
func (c *confirmation) expect(pattern *regexp.Regexp) *expected {
	e := &expected{pattern: pattern, line: make(chan string, 1), lost: make(chan error, 1)}
	c.expected.Store(e)
	return e
}

func (c *confirmation) stop() { c.expected.Store(nil) }

// heard takes each line of the board, with the time at which it was read.
func (c *confirmation) heard(at time.Time, line []byte) {
	if e := c.expected.Load(); e != nil {
		e.heard(at, line)
	}
}

// closed ends the opening of the port.
func (c *confirmation) closed(err error) {
	e := c.expected.Load()
	if e == nil || e.asked.Swap(nil) == nil {
		return
	}
	select {
	case e.lost <- err:
	default:
	}
}

// ask says that the command goes out now.
func (e *expected) ask(at time.Time, leaving func() bool) { e.asked.Store(&asked{at, leaving}) }

func (e *expected) heard(at time.Time, line []byte) {
	asked := e.asked.Load()
	if asked == nil || at.Before(asked.at) || !e.pattern.Match(line) || asked.leaving() {
		return
	}
	select {
	case e.line <- string(line):
	default:
	}
}

var (
	errSilent = errors.New("no line of the board matched confirm")
	errGone   = errors.New("the port was closed before a line of the board matched confirm")
)

// await completes the result of a command that was written.
func (e *expected) await(ctx context.Context, result device.Result) device.Result {
	var why error
	select {
	case result.Reply = <-e.line:
		result.Status = device.Done
		return result
	case err := <-e.lost:
		why = because(errGone, err)
	case <-ctx.Done():
		why = because(errSilent, causeOf(ctx))
	}
	select {
	case result.Reply = <-e.line: // it came before that
		result.Status = device.Done
	default:
		result.Status, result.Error = device.Failed, mayHaveRun(why)
	}
	return result
}

// causeOf returns why ctx has ended.
func causeOf(ctx context.Context) error {
	if cause := context.Cause(ctx); cause != context.Canceled {
		return cause
	}
	return errStopping
}

// because adds a cause to an error, unless that is nil.
func because(err, cause error) error {
	if cause == nil {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}
