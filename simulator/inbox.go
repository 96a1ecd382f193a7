package simulator

import (
	"context"
	"errors"
	"sync"

	"arduino-gateway/internal/wake"
)

var errClosed = errors.New("the board is closed")

// inboxLimit bounds the received lines that wait; beyond it the oldest are
// dropped.
const inboxLimit = 1024

// inbox holds the lines that a board has received.
type inbox struct {
	mu    sync.Mutex
	lines []string
	count uint64
	ready wake.Signal // set while lines wait
}

func newInbox() *inbox { return &inbox{ready: wake.NewSignal()} }

func (in *inbox) add(line string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.count++
	if len(in.lines) == inboxLimit {
		in.lines = in.lines[1:]
	}
	in.lines = append(in.lines, line)
	in.ready.Set()
}

func (in *inbox) take(ctx context.Context, done <-chan struct{}) (string, error) {
	for {
		if line, ok := in.pop(); ok {
			return line, nil
		}
		select {
		case <-in.ready:
		case <-ctx.Done():
			return "", ctx.Err()
		case <-done:
			return "", errClosed
		}
	}
}

func (in *inbox) pop() (string, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.lines) == 0 {
		return "", false
	}
	line := in.lines[0]
	in.lines = in.lines[1:]
	if len(in.lines) > 0 {
		in.ready.Set() // for another waiting goroutine
	}
	return line, true
}

func (in *inbox) total() uint64 {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.count
}
