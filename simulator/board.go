package simulator

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/internal/wake"
)

// Board is a running virtual board. Any goroutine may call its methods at any
// time. Its Spec says what it does by itself; the methods stand for a person
// with a hand on its cable and its reset button.
type Board struct {
	spec  Spec
	link  string
	dir   string // temporary folder of the link, removed on Close; "" is none
	start time.Time
	trace *inbox

	plugging sync.Mutex // serializes removing and restoring the port

	printing sync.Mutex // one print at a time; held while a print waits
	pace     pacer

	mu       sync.Mutex // guards all fields below; held briefly, never while waiting
	sketch   *sketch
	port     *terminal // nil while unplugged; closed if it can no longer be opened
	opened   bool
	change   chan struct{} // closed and replaced when opened or port changes
	opens    uint64
	wake     wake.Signal   // the sketch has something new to do
	done     chan struct{} // closed by Close
	ending   sync.Once
	running  sync.WaitGroup // the board's loop
	watching sync.WaitGroup // the port's reader
	printed  atomic.Uint64
	dropped  atomic.Uint64
}

// Plug starts one board, which boots. The port exists when Plug returns. The
// owner calls Close. The error is that of [Spec.Validate], or of the system.
func Plug(spec Spec) (*Board, error) { return plug(spec, "") }

// plug starts a board whose link goes to dir, unless it has one of its own.
func plug(spec Spec, dir string) (*Board, error) {
	spec = spec.withDefaults()
	if err := spec.check(); err != nil {
		return nil, err
	}
	b := &Board{
		spec: spec, link: spec.Link, trace: newInbox(),
		change: make(chan struct{}), wake: wake.NewSignal(), done: make(chan struct{}),
	}
	if spec.Pace {
		b.pace.baud = spec.Baud
	}
	b.sketch = newSketch(&b.spec, b.trace.add)
	if err := b.chooseLink(dir); err != nil {
		return nil, fmt.Errorf("board %q: %w", spec.Name, err)
	}
	b.start = time.Now()
	if err := b.tryUpdatePort(); err != nil {
		return nil, errors.Join(fmt.Errorf("board %q: %w", spec.Name, err), b.Close())
	}
	b.running.Go(b.run)
	return b, nil
}

func (b *Board) chooseLink(dir string) error {
	if b.link != "" {
		return nil
	}
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "board-"); err != nil {
			return err
		}
		b.dir = dir
	}
	b.link = filepath.Join(dir, b.spec.Name)
	return nil
}

// run performs the actions of the sketch at their times, until Close.
func (b *Board) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-b.done:
			return
		default:
		}
		act, wait := b.due()
		if act.do != nothing {
			b.perform(act)
			continue
		}
		timer.Reset(wait)
		select {
		case <-b.done:
			return
		case <-b.wake:
		case <-timer.C:
		}
	}
}

func (b *Board) due() (act action, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sketch.powered == b.port.closed() {
		return action{do: updatingPort}, 0 // another goroutine is about to, or it failed
	}
	now := b.now()
	act, again := b.sketch.step(now)
	return act, again - now
}

// now returns the time since the board was started. The sketch knows no other.
func (b *Board) now() time.Duration { return time.Since(b.start) }

func (b *Board) perform(act action) {
	switch act.do {
	case printing:
		b.print(act.print)
	case updatingPort:
		b.updatePort()
	}
}

// wakeLoop makes the loop ask the sketch again.
func (b *Board) wakeLoop() {
	b.wake.Set()
}

// Close removes the port and the link and stops the board. It may be called
// twice, and on nil.
func (b *Board) Close() error {
	if b == nil {
		return nil
	}
	b.ending.Do(func() { close(b.done) })
	b.updatePort()
	b.running.Wait()
	if b.dir != "" {
		return os.RemoveAll(b.dir)
	}
	return nil
}
