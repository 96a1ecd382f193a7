package serialbridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"
)

// link is one opening of the port as writers share it with the reader. It guards
// the port of the library, whose Write after a Close may write to another file
// that has the same descriptor number. No write begins once the link has failed,
// and only then does the reader close the port.
type link struct {
	raw   rawPort
	times timing
	flow  suspender     // raw, if its other end may ask for a pause; else nil
	gap   time.Duration // between two lines

	mu       sync.Mutex
	pacer    pacer
	err      error         // why it failed; set once, before lost is closed
	transfer *transfer     // the write under way, or the last one; nil before the first
	lost     chan struct{} // closed when nothing more may be written
}

func newLink(raw rawPort, baud int, times timing) *link {
	flow, _ := raw.(suspender)
	return &link{raw: raw, times: times, flow: flow, pacer: newPacer(baud), lost: make(chan struct{})}
}

// fail ends the link for writers. The first reason stays.
func (l *link) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
		close(l.lost)
		interrupt(l.raw)
	}
}

// failure returns why the link failed; nil while it works.
func (l *link) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// writeLine sends the line piece by piece. It returns how many bytes are known
// to have gone out, and whether any may have. asked, unless it is nil, is called
// before the last piece goes out. Only the Write that holds the turn calls it.
func (l *link) writeLine(ctx context.Context, line []byte, asked asked) (sent int, begun bool, err error) {
	caller := ctx
	for sent < len(line) {
		piece := line[sent:min(len(line), sent+window)]
		if err := l.pace(ctx, len(piece), !begun); err != nil {
			return sent, begun, err
		}
		if err := l.awaitResume(caller, begun); err != nil {
			return sent, begun, err
		}
		t := &transfer{done: make(chan struct{})}
		if sent+len(piece) == len(line) {
			t.asked = asked
		}
		if err := l.begin(t, piece); err != nil {
			return sent, begun, err
		}
		begun, ctx = true, context.Background() // from here only the port can end it
		n, err := l.await(t)
		sent += n
		if err != nil {
			return sent, begun, err
		}
	}
	return sent, begun, nil
}

// setGap sets the gap before all further lines.
func (l *link) setGap(gap time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gap = gap
}

// setBaud sets the pace of all further writes.
func (l *link) setBaud(baud int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear := l.pacer.clear
	l.pacer = newPacer(baud)
	l.pacer.clear = clear
}

// pace waits until the board has room for n bytes. If they are the first of a
// line, it also waits for the gap between lines.
func (l *link) pace(ctx context.Context, n int, first bool) error {
	l.mu.Lock()
	now := time.Now()
	wait := l.pacer.wait(n, now)
	if first && l.gap > 0 {
		wait = max(wait, l.pacer.gapWait(l.gap, now))
	}
	l.mu.Unlock()
	if wait <= 0 {
		return l.failure()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return l.failure()
	case <-l.lost:
		return l.failure()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// awaitResume waits while the other end of the port has asked for a pause, until
// ctx ends. If half a line is at the board by then, it waits a little longer and
// then abandons the port.
func (l *link) awaitResume(ctx context.Context, begun bool) error {
	if l.flow == nil {
		return nil
	}
	for {
		resumed := l.flow.Suspended()
		if resumed == nil {
			return nil
		}
		select {
		case <-resumed:
			continue
		case <-l.lost:
			return l.failure()
		case <-ctx.Done():
		}
		if !begun {
			return context.Cause(ctx)
		}
		return l.lastChance(resumed)
	}
}

// lastChance waits for the end of a pause as long as a write may take.
func (l *link) lastChance(resumed <-chan struct{}) error {
	timer := time.NewTimer(l.times.write)
	defer timer.Stop()
	select {
	case <-resumed:
		return nil
	case <-timer.C:
		l.fail(errSuspended)
	case <-l.lost:
	}
	return l.failure()
}

// await waits for a transfer and returns how many bytes are known to have gone
// out. It gives up on the port if the kernel does not take them in time.
func (l *link) await(t *transfer) (int, error) {
	timer := time.NewTimer(l.times.write)
	defer timer.Stop()
	select {
	case <-t.done:
	case <-timer.C:
		l.fail(errStuck)
		return 0, errStuck
	case <-l.lost:
		if !closed(t.done) {
			return 0, l.failure()
		}
	}
	l.countSent(t.sent)
	if t.err != nil {
		l.fail(t.err)
	}
	return t.sent, t.err
}

func closed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

func (l *link) countSent(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pacer.add(n, time.Now())
}

// begin starts the transfer of a piece, unless the link has failed. Its
// goroutine belongs to the link, and close waits for it.
func (l *link) begin(t *transfer, piece []byte) error {
	t.size = copy(t.data[:], piece)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	l.transfer = t
	go t.run(l)
	return nil
}

// leave announces that a piece goes out now, unless the link has failed. With the
// lock held it comes before Handler.Closed.
func (l *link) leave(asked asked) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil && asked != nil {
		asked(time.Now(), l.leaving)
	}
	return l.err
}

// leaving reports whether the kernel holds bytes that the port has not sent.
func (l *link) leaving() bool {
	port, ok := l.raw.(unsent)
	return ok && port.Unsent() > 0
}

// writer returns a channel that is closed when no write is under way.
func (l *link) writer() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.transfer == nil {
		none := make(chan struct{})
		close(none)
		return none
	}
	return l.transfer.done
}

// close ends the link and closes the port. The reader calls it once, after its
// last Read. A clean end (reason nil, or errRetuned) lets the last command leave first. What
// the kernel still holds then is discarded, since closing a real port would wait
// for it for up to 30 s.
func (l *link) close(reason error) {
	if clean := reason == nil || errors.Is(reason, errRetuned); clean {
		within(l.writer(), l.times.drain)
		l.awaitWire()
		reason = cmp.Or(reason, errEnded)
	}
	l.fail(reason)
	l.raw.Discard()
	within(l.writer(), l.times.release)
	l.raw.Close()
}

// awaitWire waits, within bounds, until the wire has carried what was written.
func (l *link) awaitWire() {
	l.mu.Lock()
	left := time.Until(l.pacer.clear)
	l.mu.Unlock()
	if left > 0 {
		time.Sleep(min(left, l.times.drain))
	}
}

// within waits for done, at most for limit.
func within(done <-chan struct{}, limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// asked is told that the last bytes of a line go out now, and gets a way to ask
// whether they have.
type asked = func(at time.Time, leaving func() bool)

// transfer is one write on its way into the kernel. It has its own copy of the
// bytes, since it may outlive the call that began it.
type transfer struct {
	data  [window]byte
	size  int
	asked asked         // nil: not the last piece, or no answer is expected
	done  chan struct{} // closed when the write has come back
	sent  int           // bytes the kernel took; valid once done is closed, like err
	err   error
}

// run writes once. A short write returns no error, and an interrupted one has
// done nothing: in both cases the line goes on from there.
func (t *transfer) run(l *link) {
	defer close(t.done)
	if t.err = l.leave(t.asked); t.err != nil {
		return
	}
	n, err := l.raw.Write(t.data[:t.size])
	t.sent = n
	switch {
	case errors.Is(err, syscall.EINTR):
	case err != nil:
		t.err = fmt.Errorf("%w: %w", errUnplugged, err)
	case n == 0:
		t.err = fmt.Errorf("%w: %w", errUnplugged, io.ErrNoProgress)
	}
}
