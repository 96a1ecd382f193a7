package hello

import (
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

// Asker listens to one board and asks it for its hello. The port's goroutine calls
// Opened, Line, Hear and Closed. The other methods are safe for concurrent use.
type Asker struct {
	patience time.Duration
	changed  wake.Signal // Ask looks again

	mu      sync.Mutex
	machine *arq.Machine
	problem error     // the last one
	opened  time.Time // zero: not yet, or the port is closed
	spoke   time.Time // when the first line with a valid checksum of this opening came
}

// New returns an Asker that waits this long after the port was opened for a line with a
// valid checksum, and as long again for a complete hello.
func New(patience time.Duration) *Asker {
	return &Asker{patience: patience, changed: wake.NewSignal(), machine: arq.New(func() uint16 { return uint16(rand.Uint32()) })}
}

// Description returns what the board's hello says, and whether the hello is complete.
func (a *Asker) Description() (d device.Description, complete bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.machine.Description()
}

// Speaks reports whether the board speaks the protocol.
func (a *Asker) Speaks() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.machine.Speaks()
}

// Err returns what is not understood of the hello, or nil.
func (a *Asker) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.problem
}

// Ask asks the board over port. It returns when the hello is complete, when the time for
// it is over, or when ctx ends.
func (a *Asker) Ask(ctx context.Context, port Writer) {
	arq.Drive(ctx, a.changed, a.next, func(s arq.Step) {
		_, _ = port.Write(ctx, s.Write) // a line that was not written is sent again
	})
}

// next returns what Ask does now.
func (a *Asker) next(now time.Time) (step arq.Step, over bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, complete := a.machine.Description(); complete {
		return step, true
	}
	if a.opened.IsZero() {
		return step, false
	}
	end := a.opened.Add(a.patience)
	if !a.spoke.IsZero() {
		end = a.spoke.Add(a.patience)
	}
	if !now.Before(end) {
		return step, true
	}
	step = a.machine.Next(now)
	if step.Until.IsZero() || end.Before(step.Until) {
		step.Until = end
	}
	return step, false
}

// Opened begins again: it may be another board.
func (a *Asker) Opened(at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.machine.Opened()
	a.opened, a.spoke, a.problem = at, time.Time{}, nil
	a.changed.Set()
}

// Line takes a line as it was read.
func (a *Asker) Line(at time.Time, line []byte) { a.Hear(at, line) }

// FirstLine takes a line whose beginning may be missing: its checksum shows that.
func (a *Asker) FirstLine(at time.Time, line []byte) { a.Hear(at, line) }

// Hear is Line, and returns the state of the line's checksum.
func (a *Asker) Hear(at time.Time, line []byte) protocol.Check {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := protocol.Parse(line)
	if _, complete := a.machine.Description(); complete || l.Check != protocol.Right {
		return l.Check
	}
	if a.spoke.IsZero() {
		a.spoke = at
	}
	if err := a.machine.Heard(at, l); err != nil {
		a.problem = err
	}
	a.changed.Set()
	return l.Check
}

// Closed discards an incomplete hello: the rest of it will not come.
func (a *Asker) Closed(time.Time, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, complete := a.machine.Description(); !complete {
		a.machine.Closed()
		a.opened = time.Time{}
	}
	a.changed.Set()
}

// Ready does nothing.
func (*Asker) Ready(time.Time) {}

// Silent does nothing.
func (*Asker) Silent(time.Time) {}

// EndOfRead does nothing.
func (*Asker) Overlong(time.Time, int) {}
func (*Asker) EndOfRead(time.Time)     {}
