package simulator

import (
	"context"
	"fmt"
	"time"
)

// Name returns the name of the board.
func (b *Board) Name() string { return b.spec.Name }

// Path returns the path of the port: a link that stays the same when the board
// is unplugged and plugged in again.
func (b *Board) Path() string { return b.link }

// Println prints a line, as Serial.println in a sketch does, or with a Hello the
// print of the library, which drops a line of more than 80 bytes. If no program has the port open the line is lost, unless
// the board is Lossless: then Println waits.
func (b *Board) Println(line string) {
	data := []byte(line)
	if b.spec.Hello != "" {
		b.mu.Lock()
		data = b.sketch.library.AppendChecksum(b.now(), data, 0)
		b.mu.Unlock()
		if len(data) == 0 {
			return // dropped
		}
	}
	b.print(append(data, b.spec.Ending.Bytes()...))
}

// Write prints bytes as they are: half lines, garbage, or many lines at once. It
// writes all of p and never fails.
func (b *Board) Write(p []byte) (int, error) {
	b.print(p)
	return len(p), nil
}

// Garbage prints n random bytes.
func (b *Board) Garbage(n int) {
	b.mu.Lock()
	p := make([]byte, n)
	b.sketch.out.scramble(p)
	b.mu.Unlock()
	b.print(p)
}

// Do starts a fault now. With duration 0 it lasts as described at Do. A board
// that is unplugged for a duration comes back by itself.
func (b *Board) Do(do Do, duration time.Duration) {
	b.mu.Lock()
	act := b.sketch.begin(do, duration, b.now())
	b.mu.Unlock()
	b.perform(act)
	b.wakeLoop()
}

// End ends a fault that goes on, however it started.
func (b *Board) End(do Do) {
	b.mu.Lock()
	act := b.sketch.end(do, b.now())
	b.mu.Unlock()
	b.perform(act)
	b.wakeLoop()
}

// Unplug pulls the cable: the link disappears, and a program that has the port
// open sees a hang-up.
func (b *Board) Unplug() { b.Do(Unplug, 0) }

// Replug plugs the cable in again: the board boots, with a new port under the
// same link.
func (b *Board) Replug() { b.End(Unplug) }

// Hang stops the board: it reads and prints nothing, so that a writer to its
// port blocks. End(Hang), Reset or Replug end it.
func (b *Board) Hang() { b.Do(Hang, 0) }

// Reset presses the reset button.
func (b *Board) Reset() { b.Do(Reset, 0) }

// Received waits for the next line that the board receives and returns it
// without its ending. The board keeps the last 1024 lines that were not fetched.
// The error is that of ctx, or says that the board is closed.
func (b *Board) Received(ctx context.Context) (string, error) {
	line, err := b.trace.take(ctx, b.done)
	if err != nil {
		return "", fmt.Errorf("board %q: no line received: %w", b.spec.Name, err)
	}
	return line, nil
}

// WaitOpen waits until a program has the port open. With ResetOnOpen the board
// is booting then.
func (b *Board) WaitOpen(ctx context.Context) error { return b.waitFor(ctx, true) }

// WaitClosed waits until no program has the port open.
func (b *Board) WaitClosed(ctx context.Context) error { return b.waitFor(ctx, false) }

func (b *Board) waitFor(ctx context.Context, opened bool) error {
	for {
		b.mu.Lock()
		reached, change := b.opened == opened, b.change
		b.mu.Unlock()
		if reached {
			return nil
		}
		select {
		case <-change:
		case <-ctx.Done():
			return fmt.Errorf("board %q: %w", b.spec.Name, ctx.Err())
		case <-b.done:
			return fmt.Errorf("board %q: %w", b.spec.Name, errClosed)
		}
	}
}

// BytesRead returns how many of the printed bytes a program has read. It reads
// out the rest and puts it back, and nothing is printed in the meantime. Call it
// only while no program reads or has the port open exclusively.
func (b *Board) BytesRead() (bytes uint64, err error) {
	b.printing.Lock()
	defer b.printing.Unlock()
	port := b.current()
	if port == nil {
		return 0, fmt.Errorf("board %q: not plugged in", b.spec.Name)
	}
	left, err := port.unread()
	if err != nil {
		return 0, fmt.Errorf("board %q: %w", b.spec.Name, err)
	}
	return b.printed.Load() - uint64(left), nil
}

// Stats are counts since the board was started.
type Stats struct {
	Lines         uint64 // that the board printed by itself, or would have without a fault
	Printed       uint64 // bytes that went out
	Dropped       uint64 // bytes printed while the port was not open, or its reader had no room
	ReceivedLines uint64
	Lost          uint64 // bytes sent to a board that was booting, or whose buffer was full
	CommandsRun   uint64 // commands that the board has run
	Opens         uint64
	Resets        uint64
}

// Stats returns the counts so far.
func (b *Board) Stats() Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Stats{
		Lines:   uint64(b.sketch.lines),
		Printed: b.printed.Load(), Dropped: b.dropped.Load(),
		ReceivedLines: b.trace.total(), Lost: b.sketch.input.lost,
		CommandsRun: b.sketch.ran, Opens: b.opens, Resets: b.sketch.resets,
	}
}
