package autodetect

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"time"

	"arduino-gateway/internal/portowner"
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
	l, baud, problem := d.readFree(ctx, p, log)
	if ctx.Err() != nil {
		return
	}
	about, complete := l.Description()
	if l.lost && !complete {
		sleep(ctx, 2*lookEvery) // it was probably unplugged, which ends ctx
		if ctx.Err() != nil {
			return
		}
	}
	found := Detection{Board: Board{ID: about.ID, Plain: l.plain(), Baud: baud}, Opened: l.opened, Lines: l.kept.Lines, Unsure: l.unsure && l.dropped == 0, Dropped: l.dropped}
	switch {
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

// readFree reads the port as soon as no other program has it, such as an uploader.
// What it returns is worthless if ctx has ended.
func (d *Detector) readFree(ctx context.Context, p *probe, log *slog.Logger) (l *listener, baud int, problem string) {
	opening, waiting := sync.OnceFunc(func() { log.Info("opening the port to identify its board") }), false
	for {
		owner, program := d.Tracker.HeldBy(p.port.Path)
		inUse := owner == portowner.Owned
		if !inUse {
			opening()
			l, baud, problem, inUse = d.read(ctx, p, owner)
		}
		if !inUse || ctx.Err() != nil {
			return l, baud, problem
		}
		if !waiting {
			log.Info("ignored while another program has the port open", "program", cmp.Or(program, "unknown"))
		}
		waiting = true
		sleep(ctx, d.heldEvery)
	}
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
// at which baud rate, and the problem with the port, if any. Unless the port is known
// to be free, it leaves one alone whose settings show another user, and reports one
// that turns out to be in use.
func (d *Detector) read(ctx context.Context, p *probe, owner portowner.State) (l *listener, baud int, problem string, inUse bool) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	lease := d.Tracker.Lease("that is looked for", p.port.Path)
	l = newListener(d.timeout, p.any, stop)
	defer l.shut.Stop()
	options := d.PortOptions(p.port, lease)
	options.Yield = owner != portowner.Free
	bridge := serialbridge.New(options, l, nil)
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
	if failure != nil && stats.Problem == "" {
		stats.Problem = failure.Error()
	}
	return l, stats.Baud, stats.Problem, errors.Is(failure, serialbridge.ErrInUse)
}
