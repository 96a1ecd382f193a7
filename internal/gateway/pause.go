package gateway

import (
	"context"
	"fmt"
	"sync"
	"time"

	"arduino-gateway/internal/wake"
)

// Paused describes a pause that has begun.
type Paused struct {
	Until    time.Time
	Extended bool // it was paused before
}

// Pause closes the port for the given time, for example for an upload, and returns when
// the port is closed. During the pause the device is offline, and commands expire at
// once. A pause that has already begun gets the new end. The error is the cause of the end
// of ctx before the port was closed; the pause goes on.
func (d *Device) Pause(ctx context.Context, length time.Duration) (Paused, error) {
	now := time.Now()
	p := Paused{Until: now.Add(length)}
	var free <-chan struct{}
	free, p.Extended = d.pause.set(p.Until, now)
	d.report.paused(now, p.Until)
	select {
	case <-free:
		return p, nil
	case <-ctx.Done():
		return p, fmt.Errorf("%s is not closed yet: %w", d.Port, context.Cause(ctx))
	}
}

// Resume ends a pause early, and reports whether there was one.
func (d *Device) Resume() bool {
	now := time.Now()
	_, paused := d.pause.set(time.Time{}, now)
	if paused {
		d.report.resumed(now)
	}
	return paused
}

// StayPaused continues a pause from before Run: a new configuration of the device does not
// end an upload.
func (d *Device) StayPaused(until time.Time) { d.pause.set(until, time.Now()) }

func clock(t time.Time) string { return t.Local().Format(time.TimeOnly) }

// pause decides who has the port: the device, or another program until a given time.
type pause struct {
	id     string
	report *reporter

	mu      sync.Mutex
	until   time.Time
	lease   Lease
	release context.CancelFunc // ends the current run of the port
	changed chan struct{}      // closed and replaced when until changes
	free    chan struct{}      // closed while the port is closed
}

func newPause(id string, lease Lease, report *reporter) *pause {
	p := &pause{id: id, lease: lease, report: report, release: func() {}, changed: make(chan struct{}), free: make(chan struct{})}
	close(p.free)
	return p
}

// run keeps the port open until ctx ends, except during pauses. A port that failed is
// tried again after a pause.
func (p *pause) run(ctx context.Context, port Port) {
	defer p.finish()
	for ctx.Err() == nil {
		turn := p.begin(ctx, time.Now())
		if turn.over {
			p.report.resumed(time.Now())
		}
		if turn.run != nil {
			err := port.Run(turn.run)
			p.end()
			if err == nil {
				continue
			}
			p.report.portFailed(err)
		}
		turn.wait(ctx)
	}
}

// err returns why nothing may be written now, or nil.
func (p *pause) err(now time.Time) error {
	until := p.active(now)
	if until.IsZero() {
		return nil
	}
	return fmt.Errorf("paused until %s (hint: gateway resume %s)", clock(until), p.id)
}

// write calls write, which writes to the port, unless it is paused.
func (p *pause) write(write func() (begun bool, err error)) (begun bool, err error) {
	if err := p.err(time.Now()); err != nil {
		return false, err
	}
	begun, err = write()
	if err == nil || begun {
		return begun, err
	}
	if paused := p.err(time.Now()); paused != nil {
		return false, paused // the pause began during the write
	}
	return false, err
}

// set sets the end of the pause, zero for none. It reports whether there was a pause
// before.
func (p *pause) set(until, now time.Time) (free <-chan struct{}, before bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	before = now.Before(p.until)
	p.until = until
	close(p.changed)
	p.changed = make(chan struct{})
	if now.Before(until) {
		p.lease.Hold(true)
		p.release()
	}
	return p.free, before
}

// active returns the end of the current pause, or zero.
func (p *pause) active(now time.Time) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Before(p.until) {
		return p.until
	}
	return time.Time{}
}

// retry runs a port again that has failed for good.
func (p *pause) retry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.changed)
	p.changed = make(chan struct{})
}

// turn is what begin decides.
type turn struct {
	run     context.Context // for the run of the port; nil: paused
	over    bool            // a pause has ended by itself
	until   time.Time       // the end of the pause
	changed <-chan struct{} // closed when begin would decide differently
}

// begin decides whether the port may run. If so, call end after the run.
func (p *pause) begin(ctx context.Context, now time.Time) turn {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := turn{until: p.until, changed: p.changed}
	if now.Before(p.until) {
		return t
	}
	p.lease.Hold(false)
	t.over = !p.until.IsZero()
	t.until, p.until = time.Time{}, time.Time{}
	t.run, p.release = context.WithCancel(ctx)
	p.free = make(chan struct{})
	return t
}

// end reports that the port is closed.
func (p *pause) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.release()
	close(p.free)
}

// finish follows the last run. A port that is held stays so, for the device that replaces
// this one.
func (p *pause) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lease = noLease{}
}

// noLease is the lease of a device that has ended.
type noLease struct{}

func (noLease) Hold(bool) {}

// wait returns when begin may decide differently, or ctx ends.
func (t turn) wait(ctx context.Context) {
	timer := wake.At(t.until)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-t.changed:
	case <-ctx.Done():
	}
}
