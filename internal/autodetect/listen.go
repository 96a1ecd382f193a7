package autodetect

import (
	"context"
	"fmt"
	"time"

	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// Patience is how long a board is listened to after the open, and again when its
// first line with a checksum has come. With the library none is silent for more
// than ten seconds. For as long a port may refuse to be opened.
const Patience = 30 * time.Second

// serve listens to one board until it is known what it is, or it is gone.
func (s *Scout) serve(ctx context.Context, p *post) {
	if !s.awaitFree(ctx, p.port) {
		return
	}
	s.Log.Info(p.port.Value+" is opened to hear who is there", "board", p.port.Name())
	e, baud, trouble := s.listen(ctx, p)
	told, whole := e.Description()
	if e.lost && !whole {
		rest(ctx, 2*lookEvery) // it was unplugged, most likely, which ends ctx
	}
	f := Found{ID: told.ID, Plain: e.plain(), Baud: baud, Opened: e.opened, Lines: e.kept.Lines, Dropped: e.dropped}
	switch {
	case ctx.Err() != nil:
	case whole:
		s.Log.Info(fmt.Sprintf("%s: the board says that it is %q", p.port.Value, told.ID), "board", p.port.Name(), "baud", baud)
		s.hand(ctx, p, f)
	case f.Plain:
		s.Log.Info(p.port.Value+": the board only prints lines", "board", p.port.Name(), "baud", baud, "line", e.other)
		s.hand(ctx, p, f)
	default:
		why, hint := e.why(trouble)
		s.Log.Info(p.port.Value+" is let alone until it is plugged in again: no board says who it is", "board", p.port.Name(), "why", why, "hint", hint)
	}
}

// awaitFree returns when no other program has the port open, such as one that uploads
// a sketch; false where ctx ended before.
func (s *Scout) awaitFree(ctx context.Context, port ports.Port) bool {
	holder := s.Watcher.HeldBy(port.Path)
	if holder != "" {
		s.Log.Info(port.Value+" is let alone while another program has it open", "board", port.Name(), "program", holder)
	}
	for ; holder != "" && ctx.Err() == nil; holder = s.Watcher.HeldBy(port.Path) {
		rest(ctx, s.heldEvery)
	}
	return ctx.Err() == nil
}

func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// hand hands a board on, unless its port is not free any more.
func (s *Scout) hand(ctx context.Context, p *post, f Found) {
	var free bool
	if f.Port, free = s.name(p); !free {
		return
	}
	select {
	case s.found <- f:
	case <-ctx.Done():
	}
}

// listen opens the port, and gives what was heard, and at which rate, when it is
// closed again; and what the matter with the port was.
func (s *Scout) listen(ctx context.Context, p *post) (e *ear, baud int, trouble string) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	seat := s.Watcher.Lease("that is looked for", p.port.Path)
	e = newEar(s.patience, p.any, stop)
	defer e.shut.Stop()
	bridge := serialbridge.New(s.Config(p.port, seat), e, nil)
	var failure error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer stop()
		failure = bridge.Run(ctx)
	}()
	e.Ask(ctx, bridge)
	stats := bridge.Stats() // of before the stop
	stop()
	<-ended
	if failure != nil {
		stats.Problem = failure.Error()
	}
	return e, stats.Baud, stats.Problem
}
