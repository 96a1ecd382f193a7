package autodetect

import (
	"context"
	"io/fs"
	"os"
	"time"

	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// Timeout is how long a board may take after the port opened, and again after its
// first line with a checksum. With the library no board is silent for more than ten
// seconds. A port may also take this long to open.
const Timeout = 30 * time.Second

// probe is one port that is being read, or has been.
type probe struct {
	port  ports.Port
	node  fs.FileInfo // of the port's path at the start
	ctx   context.Context
	stop  context.CancelFunc
	any   bool          // as in Scope
	ended chan struct{} // closed when nothing reads the port any more

	// Guarded by Detector.mu.
	detected bool // its board is known
	again    bool // start once more after the end
	left     bool // the port is not free any more
}

func (p *probe) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// isOf reports whether the port is the probe's: the same path, and not unplugged in
// between.
func (p *probe) isOf(port ports.Port) bool {
	if port.Path != p.port.Path {
		return false
	}
	node, err := os.Lstat(port.Path)
	return err == nil && os.SameFile(node, p.node) &&
		(node.Mode()&fs.ModeSymlink == 0 || node.ModTime().Equal(p.node.ModTime())) // a new link may get the inode of the old one
}

// run reads one board until it is detected, the time is up, or ctx ends.
func (d *Detector) run(ctx context.Context, p *probe) {
	log := d.Log.With("port", p.port.Value, "board", p.port.Name())
	if !d.awaitFree(ctx, p.port) {
		return
	}
	log.Info("opening the port to identify its board")
	l, baud, problem := d.read(ctx, p)
	about, complete := l.Description()
	if l.lost && !complete {
		sleep(ctx, 2*lookEvery) // it was probably unplugged, which ends ctx
	}
	found := Detection{Board: Board{ID: about.ID, Plain: l.plain(), Baud: baud}, Opened: l.opened, Lines: l.kept.Lines, Dropped: l.dropped}
	switch {
	case ctx.Err() != nil:
	case complete:
		log.Info("board identified itself", "id", about.ID, "baud", baud)
		d.deliver(ctx, p, found)
	case found.Plain:
		log.Info("board only prints lines", "baud", baud, "line", l.other)
		d.deliver(ctx, p, found)
	default:
		why, hint := l.why(problem)
		log.Info("ignored until replugged: no board identified itself", "why", why, "hint", hint)
	}
}

// awaitFree waits until no other program has the port open, such as an uploader. It
// returns false if ctx ends first.
func (d *Detector) awaitFree(ctx context.Context, port ports.Port) bool {
	program := d.Tracker.HeldBy(port.Path)
	if program != "" {
		d.Log.Info("ignored while another program has the port open", "port", port.Value, "board", port.Name(), "program", program)
	}
	for ; program != "" && ctx.Err() == nil; program = d.Tracker.HeldBy(port.Path) {
		sleep(ctx, d.heldEvery)
	}
	return ctx.Err() == nil
}

func sleep(ctx context.Context, length time.Duration) {
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
}

// deliver sends a detected board to the receiver, unless its port is not free any more.
func (d *Detector) deliver(ctx context.Context, p *probe, found Detection) {
	port, free := d.confirm(p)
	if !free {
		return
	}
	found.Port, found.Name = port.Value, port.Name()
	select {
	case d.detected <- found:
	case <-ctx.Done():
	}
}

// read opens the port, and returns when it is closed again. It returns what was heard
// at which baud rate, and the problem with the port, if any.
func (d *Detector) read(ctx context.Context, p *probe) (l *listener, baud int, problem string) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lease := d.Tracker.Lease("that is looked for", p.port.Path)
	l = newListener(d.timeout, p.any, stop)
	defer l.shut.Stop()
	bridge := serialbridge.New(d.PortOptions(p.port, lease), l, nil)
	var failure error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer stop()
		failure = bridge.Run(ctx)
	}()
	l.Ask(ctx, bridge)
	stats := bridge.Stats() // before the stop changes them
	stop()
	<-ended
	if failure != nil {
		stats.Problem = failure.Error()
	}
	return l, stats.Baud, stats.Problem
}
