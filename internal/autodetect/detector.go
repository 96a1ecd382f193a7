package autodetect

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/wake"
	"arduino-gateway/serialbridge"
)

// lookEvery is the time between two looks for ports that send no event: those of
// virtual boards, outside of /dev.
const lookEvery = 2 * time.Second

// lookPause is the least time between two looks: the changes of hundreds of ports at once
// need a few.
const lookPause = 100 * time.Millisecond

// heldEvery is the time between two looks whether another program still has a port:
// each one searches all processes.
const heldEvery = 10 * time.Second

// Scope says which ports to probe.
type Scope struct {
	On       bool
	Any      bool     // also detect boards that only print lines
	Patterns []string // as ports.Tracker.Free accepts them
	Claimed  []string // port: values of devices; these ports are ignored
}

// Options are what a Detector needs.
type Options struct {
	Tracker *ports.Tracker
	// PortOptions returns how to open a port, under the detector's lease.
	PortOptions func(port ports.Port, lease *ports.Lease) serialbridge.Options
	Log         *slog.Logger
}

// Detector detects boards while Run runs.
type Detector struct {
	Options
	detected chan Detection
	changed  wake.Signal // look again

	timeout, heldEvery time.Duration // the constants, except in tests

	mu     sync.Mutex
	scope  Scope
	probes map[string]*probe // by the port's path

	reported, reportedPatterns map[string]bool // what report has logged
}

// New returns a Detector that probes nothing before SetScope.
func New(o Options) *Detector {
	return &Detector{Options: o, timeout: Timeout, heldEvery: heldEvery, detected: make(chan Detection), changed: wake.NewSignal(),
		probes: map[string]*probe{}, reportedPatterns: map[string]bool{}}
}

// String names the part in logs.
func (d *Detector) String() string { return "board detector" }

// Detected returns the channel of detected boards, one for each time that a board is
// plugged in. Each waits until it is received.
func (d *Detector) Detected() <-chan Detection { return d.detected }

// SetScope sets which ports are probed from now on. It returns when all other ports
// are closed, or ctx ends. If Any changes, all ports are probed again.
func (d *Detector) SetScope(ctx context.Context, scope Scope) {
	d.mu.Lock()
	if scope.Any != d.scope.Any {
		d.keepOnly(nil)
	}
	if !slices.Equal(scope.Patterns, d.scope.Patterns) {
		d.reportedPatterns = map[string]bool{}
	}
	d.scope = scope
	d.keepOnly(d.free())
	var leaving []*probe
	for _, p := range d.probes {
		if p.left {
			leaving = append(leaving, p)
		}
	}
	d.mu.Unlock()
	d.changed.Set()
	for _, p := range leaving {
		select {
		case <-p.ended:
		case <-ctx.Done():
		}
	}
}

// Retry probes ports again: those with the given port: values, or all except those
// whose board is waiting to be received.
func (d *Detector) Retry(values ...string) {
	d.mu.Lock()
	for _, p := range d.probes {
		if slices.Contains(values, p.port.Value) || len(values) == 0 && (!p.detected || p.hasEnded()) {
			p.again = true
		}
	}
	d.mu.Unlock()
	d.changed.Set()
}

// Run probes ports until ctx ends, and returns nil when all are closed.
func (d *Detector) Run(ctx context.Context) error {
	plugged, stop := d.Tracker.Subscribe()
	defer stop()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var probing sync.WaitGroup
	defer probing.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		for _, p := range d.look(ctx) {
			probing.Go(func() {
				defer d.changed.Set()
				defer close(p.ended)
				defer p.stop()
				d.run(p.ctx, p)
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-plugged:
		case <-d.changed:
		case <-ticker.C:
		}
		sleep(ctx, lookPause)
	}
}

// look ends the probes of ports that are not free any more, forgets those of ports
// that are gone, and returns new ones. Their contexts end with ctx.
func (d *Detector) look(ctx context.Context) (added []*probe) {
	d.mu.Lock()
	defer d.mu.Unlock()
	free := d.free()
	d.keepOnly(free)
	for _, port := range free {
		node, err := os.Lstat(port.Path)
		if err != nil || d.probes[port.Path] != nil {
			continue
		}
		p := &probe{port: port, node: node, any: d.scope.Any, ended: make(chan struct{})}
		p.ctx, p.stop = context.WithCancel(ctx)
		d.probes[port.Path] = p
		added = append(added, p)
	}
	return added
}

// free returns the ports to probe. d.mu is held.
func (d *Detector) free() []ports.Port {
	if !d.scope.On {
		return nil
	}
	choice := d.Tracker.Choose(d.scope.Patterns, d.scope.Claimed)
	d.report(choice)
	return choice.Free
}

// report logs once what is not probed: ports that are not those of boards, until they are
// unplugged, and patterns without a port, until the scope changes. d.mu is held.
func (d *Detector) report(choice ports.Choice) {
	now := map[string]bool{}
	for _, p := range choice.LeftAlone {
		key := p.Port.Path + " " + p.Why
		if now[key] = true; !d.reported[key] {
			d.Log.Info("port left alone: it "+p.Why, "port", p.Port.Value, "board", p.Port.Name(),
				"hint", "if you want its lines, name the port in devices.yaml")
		}
	}
	for _, pattern := range choice.Unmatched {
		if !d.reportedPatterns[pattern] {
			d.reportedPatterns[pattern] = true
			d.Log.Info("no port matches this pattern of auto now", "pattern", pattern, "hint", "gateway ports lists them")
		}
	}
	d.reported = now
}

// keepOnly stops the probes of ports that are not free any more, and forgets those
// that have ended and are not needed. d.mu is held.
func (d *Detector) keepOnly(free []ports.Port) {
	for path, p := range d.probes {
		if !slices.ContainsFunc(free, p.isOf) {
			p.left = true
			p.stop()
		}
		if (p.left || p.again) && p.hasEnded() {
			delete(d.probes, path)
		}
	}
}

// confirm marks the probe's board as detected and returns its port under its current
// name. free is false if a device uses the port now, or if the port is gone.
func (d *Detector) confirm(p *probe) (port ports.Port, free bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	p.detected, p.again = true, false
	if !d.scope.On {
		return port, false
	}
	port, free = d.Tracker.IsFree(p.port.Path, d.scope.Patterns, d.scope.Claimed)
	return port, free && p.isOf(port)
}
