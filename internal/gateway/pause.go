package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"arduino-gateway/internal/wake"
)

// Paused tells of a pause that has begun.
type Paused struct {
	Until    time.Time
	Extended bool // it was paused already
}

// Pause gives the port up for so long, such as for an upload, and returns when
// it is closed. Meanwhile the device is offline, and commands expire at once. A
// pause that is under way gets the new end. An error is that of ctx, which ended
// before the port was closed; the pause stands all the same.
func (d *Device) Pause(ctx context.Context, length time.Duration) (Paused, error) {
	now := time.Now()
	p := Paused{Until: now.Add(length)}
	var free <-chan struct{}
	free, p.Extended = d.pause.set(p.Until, now)
	d.Log.Info("paused", "device", d.ID, "until", clock(p.Until), "hint", "gateway resume "+d.ID+" ends it before")
	d.note(now, "paused until "+clock(p.Until))
	select {
	case <-free:
		return p, nil
	case <-ctx.Done():
		return p, fmt.Errorf("%s is not closed yet: %w", d.Port, context.Cause(ctx))
	}
}

// Resume ends a pause before its time, and tells whether there was one.
func (d *Device) Resume() bool {
	now := time.Now()
	_, paused := d.pause.set(time.Time{}, now)
	if paused {
		d.resumed(now)
	}
	return paused
}

// PausedUntil is the end of the pause under way; zero where there is none.
func (d *Device) PausedUntil() time.Time { return d.pause.active(time.Now()) }

// StayPaused takes over a pause before Run: an upload goes on whatever becomes
// of the configuration.
func (d *Device) StayPaused(until time.Time) { d.pause.set(until, time.Now()) }

func (d *Device) resumed(at time.Time) {
	d.Log.Info("pause over: the port is opened again", "device", d.ID)
	d.note(at, "pause over")
}

// away is why no command is written now; nil where one may be.
func (d *Device) away() error {
	until := d.PausedUntil()
	if until.IsZero() {
		return nil
	}
	return fmt.Errorf("paused until %s (hint: gateway resume %s)", clock(until), d.ID)
}

func clock(t time.Time) string { return t.Local().Format(time.TimeOnly) }

// runPort keeps the port open until ctx ends, but for the pauses. A port that
// cannot work is tried again after a pause.
func (d *Device) runPort(ctx context.Context) {
	defer d.pause.finish()
	for ctx.Err() == nil {
		turn := d.pause.begin(ctx, time.Now())
		if turn.over {
			d.resumed(time.Now())
		}
		if turn.run != nil {
			err := d.port.Run(turn.run)
			d.pause.end()
			if err == nil {
				continue
			}
			d.Log.Error("this device stays offline", "device", d.ID, "error", err)
		}
		turn.wait(ctx)
	}
}

// pause decides who has the port: the device, or somebody else until a time.
type pause struct {
	mu      sync.Mutex
	until   time.Time
	hold    func(held bool)    // the port, which stays the device's
	release context.CancelFunc // ends the run of the port under way
	changed chan struct{}      // closed and replaced when until changes
	free    chan struct{}      // closed while the port is
}

func newPause(hold func(bool)) *pause {
	p := &pause{hold: hold, release: func() {}, changed: make(chan struct{}), free: make(chan struct{})}
	close(p.free)
	return p
}

// set gives a pause its end, zero for none, and tells whether one was under way.
func (p *pause) set(until, now time.Time) (free <-chan struct{}, before bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before = now.Before(p.until)
	p.until = until
	close(p.changed)
	p.changed = make(chan struct{})
	if now.Before(until) {
		p.hold(true)
		p.release()
	}
	return p.free, before
}

// active is the end of the pause under way, or zero.
func (p *pause) active(now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.until) {
		return p.until
	}
	return time.Time{}
}

// turn is what may be done with the port.
type turn struct {
	run     context.Context // nil: it is paused
	over    bool            // the time of a pause has come
	until   time.Time       // of the pause
	changed <-chan struct{} // closed when begin would answer otherwise
}

// begin decides whether the port may be run. If so, end follows.
func (p *pause) begin(ctx context.Context, now time.Time) turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := turn{until: p.until, changed: p.changed}
	if now.Before(p.until) {
		return t
	}
	p.hold(false)
	t.over = !p.until.IsZero()
	t.until, p.until = time.Time{}, time.Time{}
	t.run, p.release = context.WithCancel(ctx)
	p.free = make(chan struct{})
	return t
}

// end says that the port is closed.
func (p *pause) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release()
	close(p.free)
}

// finish follows the last run. A port that is held stays so, for the device that
// comes after this one.
func (p *pause) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hold = func(bool) {}
}

// wait returns when begin may answer otherwise than before, or ctx ends.
func (t turn) wait(ctx context.Context) {
	due, stop := wake.At(t.until)
	defer stop()
	select {
	case <-due:
	case <-t.changed:
	case <-ctx.Done():
	}
}
