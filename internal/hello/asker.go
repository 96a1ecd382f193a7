package hello

import (
	"bytes"
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/internal/wake"
)

// Writer is the port.
type Writer interface {
	Write(ctx context.Context, line []byte) (begun bool, err error)
}

// Asker hears one board, and asks it. Its methods Opened to Closed are of the
// port's goroutine, the others for concurrent use.
type Asker struct {
	patience time.Duration
	rung     wake.Signal // there is something new

	mu        sync.Mutex
	exchange  *arq.Exchange
	lastError error
	opened    time.Time // zero: not yet, or the port is lost
	spoke     time.Time // when the first line with a checksum came on this opening
}

// New makes an Asker that listens so long after the open, and as long again when
// the first line with a checksum has come.
func New(patience time.Duration) *Asker {
	return &Asker{patience: patience, rung: wake.NewSignal(), exchange: arq.New(func() uint16 { return uint16(rand.Uint32()) })}
}

// Description is what the board has told of itself, once its hello is whole.
func (a *Asker) Description() (told device.Description, whole bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.exchange.Description()
}

// Speaks tells whether the board speaks the protocol.
func (a *Asker) Speaks() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.exchange.Speaks()
}

// Err is what of its hello is not understood; nil where nothing is.
func (a *Asker) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.lastError
}

// Converse returns when the hello is whole, or none is to be hoped for, or ctx ends.
func (a *Asker) Converse(ctx context.Context, port Writer) {
	for ctx.Err() == nil {
		write, until, over := a.next(time.Now())
		if over {
			return
		}
		if write != nil {
			_, _ = port.Write(ctx, write) // what was not written is asked again
			continue
		}
		a.await(ctx, until)
	}
}

// next tells what to write, or until when to wait for something new; zero is for ever.
func (a *Asker) next(now time.Time) (write []byte, until time.Time, over bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, whole := a.exchange.Description(); whole {
		return nil, until, true
	}
	if a.opened.IsZero() {
		return nil, until, false
	}
	end := a.opened.Add(a.patience)
	if !a.spoke.IsZero() {
		end = a.spoke.Add(a.patience)
	}
	if !now.Before(end) {
		return nil, until, true
	}
	step := a.exchange.Next(now)
	if step.Until.IsZero() || end.Before(step.Until) {
		step.Until = end
	}
	return bytes.Clone(step.Write), step.Until, false
}

func (a *Asker) await(ctx context.Context, until time.Time) {
	due, stop := wake.At(until)
	defer stop()
	select {
	case <-a.rung:
	case <-due:
	case <-ctx.Done():
	}
}

// Opened begins anew: another board may be there.
func (a *Asker) Opened(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.exchange.Opened()
	a.opened, a.spoke, a.lastError = at, time.Time{}, nil
	a.rung.Set()
}

// Line takes a line as it was read.
func (a *Asker) Line(at time.Time, line []byte) { a.Hear(at, line) }

// Hear is Line, and tells the state of the line's checksum.
func (a *Asker) Hear(at time.Time, line []byte) protocol.Check {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := protocol.Parse(line)
	if _, whole := a.exchange.Description(); whole || l.Check != protocol.Right {
		return l.Check
	}
	if a.spoke.IsZero() {
		a.spoke = at
	}
	if err := a.exchange.Heard(at, l); err != nil {
		a.lastError = err
	}
	a.rung.Set()
	return l.Check
}

// Closed loses a hello that was not whole: the rest of it will not come.
func (a *Asker) Closed(time.Time, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, whole := a.exchange.Description(); !whole {
		a.exchange.Closed()
		a.opened = time.Time{}
	}
	a.rung.Set()
}

// Ready changes nothing.
func (*Asker) Ready(time.Time) {}

// Silent changes nothing.
func (*Asker) Silent(time.Time) {}

// EndOfRead changes nothing.
func (*Asker) EndOfRead(time.Time) {}
