package scout

import (
	"bytes"
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"arduino-gateway/internal/exchange"
	"arduino-gateway/internal/protocol"
)

// mostHeard bounds the bytes that are kept of a board: more than 115200 baud bring
// within twice Patience. Beyond it the oldest lines go.
const mostHeard = 512 << 10

// ear hears one board, and asks it for its hello where it speaks the protocol.
// The port's goroutine and converse meet at it.
type ear struct {
	patience time.Duration
	rung     chan struct{} // capacity 1: there is something new

	mu        sync.Mutex
	exchange  *exchange.Exchange
	lastError error     // what of the hello is not understood
	opened    time.Time // zero: not yet, or the port is lost
	spoke     time.Time // when the first line with a checksum came on this opening
	lines     []Line
	size      int // of lines, in bytes
}

func newEar(patience time.Duration) *ear {
	return &ear{patience: patience, rung: make(chan struct{}, 1), exchange: exchange.New(func() uint16 { return uint16(rand.Uint32()) })}
}

// introduced gives the board's ID once its hello is whole.
func (e *ear) introduced() (id string, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	told, ok := e.exchange.Description()
	return told.ID, ok
}

// writer is the port.
type writer interface {
	Write(ctx context.Context, line []byte) error
}

// converse returns when the hello is whole, or none is to be hoped for, or ctx ends.
func (e *ear) converse(ctx context.Context, port writer) {
	for ctx.Err() == nil {
		write, until, over := e.next(time.Now())
		if over {
			return
		}
		if write != nil {
			_ = port.Write(ctx, write) // what was not written is asked again
			continue
		}
		e.await(ctx, until)
	}
}

// next tells what to write, or until when to wait for something new; zero is for ever.
func (e *ear) next(now time.Time) (write []byte, until time.Time, over bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, whole := e.exchange.Description(); whole {
		return nil, until, true
	}
	if e.opened.IsZero() {
		return nil, until, false
	}
	end := e.opened.Add(e.patience)
	if !e.spoke.IsZero() {
		end = e.spoke.Add(e.patience)
	}
	if !now.Before(end) {
		return nil, until, true
	}
	step := e.exchange.Next(now)
	if step.Until.IsZero() || end.Before(step.Until) {
		step.Until = end
	}
	return bytes.Clone(step.Write), step.Until, false
}

func (e *ear) await(ctx context.Context, until time.Time) {
	var due <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-e.rung:
	case <-due:
	case <-ctx.Done():
	}
}

func (e *ear) ring() {
	select {
	case e.rung <- struct{}{}:
	default:
	}
}

// Opened begins anew: another board may be there.
func (e *ear) Opened(at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.exchange.Opened()
	e.opened, e.spoke, e.lines, e.size, e.lastError = at, time.Time{}, nil, 0, nil
	e.ring()
}

func (e *ear) Line(at time.Time, line []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.keep(at, line)
	l := protocol.Parse(line)
	if _, whole := e.exchange.Description(); whole || l.Check != protocol.Right {
		return
	}
	if e.spoke.IsZero() {
		e.spoke = at
	}
	if err := e.exchange.Heard(at, l); err != nil {
		e.lastError = err
	}
	e.ring()
}

func (e *ear) keep(at time.Time, line []byte) {
	e.lines = append(e.lines, Line{at, bytes.Clone(line)})
	e.size += len(line)
	for e.size > mostHeard {
		e.size -= len(e.lines[0].Text)
		e.lines = e.lines[1:]
	}
}

// Closed loses a hello that was not whole: the rest of it will not come.
func (e *ear) Closed(time.Time, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, whole := e.exchange.Description(); !whole {
		e.exchange.Closed()
		e.opened = time.Time{}
	}
	e.ring()
}

func (*ear) Ready(time.Time)     {}
func (*ear) Silent(time.Time)    {}
func (*ear) EndOfRead(time.Time) {}
