package autodetect

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/wake"
	"arduino-gateway/serialbridge"
)

// lookEvery is how often to look for ports of which nothing tells: those of
// virtual boards, outside of /dev.
const lookEvery = 2 * time.Second

// heldEvery is how often to look whether a port is still another program's, which
// means to look into every process.
const heldEvery = 10 * time.Second

// Where says on which ports to listen.
type Where struct {
	On       bool
	Any      bool     // boards that only print lines are found, too
	Patterns []string // as ports.Tracker.Free takes them
	Claimed  []string // port: values of devices, which are let alone
}

// Found is a board that has said who it is, or that only prints lines. Its port is
// closed.
type Found struct {
	ID      string // "" where it has not said it
	Plain   bool   // it only prints lines
	Port    ports.Port
	Baud    int // at which it speaks
	Opened  time.Time
	Lines   []hello.Line // what it has said since: if it is not plain, with a checksum, its hello among it
	Dropped uint64       // how many more there were before
}

// Options are what a Scout needs.
type Options struct {
	Watcher *ports.Tracker
	// Config says how to open a port: all but the seat, which is the scout's.
	Config func(port ports.Port, seat *ports.Lease) serialbridge.Options
	Log    *slog.Logger
}

// Scout listens while Run lasts.
type Scout struct {
	Options
	found   chan Found
	changed wake.Signal // it is worth looking

	patience, heldEvery time.Duration // as the constants, but in tests

	mu    sync.Mutex
	where Where
	posts map[string]*post // by the port's path
}

// post is one port that is listened to, or was and need not be again.
type post struct {
	port ports.Port
	node fs.FileInfo // of its path when it was found
	life context.Context
	stop context.CancelFunc
	any  bool          // as in Where
	over chan struct{} // closed when nobody listens any more

	// Guarded by Scout.mu.
	named bool // its board has said who it is, or is found to be plain
	again bool // when it is over, it is to be listened to once more
	left  bool // it is not free any more
}

// New makes a Scout that listens nowhere before Send.
func New(o Options) *Scout {
	return &Scout{Options: o, patience: Patience, heldEvery: heldEvery, found: make(chan Found), changed: wake.NewSignal(),
		posts: map[string]*post{}}
}

// String names the part in logs.
func (s *Scout) String() string { return "scout" }

// Found gives boards that were found, one for each time that it is plugged in. They
// wait to be taken.
func (s *Scout) Found() <-chan Found { return s.found }

// Send has the scout listen there from now on, and nowhere else. It returns when
// all other ports are closed, or ctx ends. Where other boards are wanted than before,
// it listens to all anew.
func (s *Scout) Send(ctx context.Context, where Where) {
	s.mu.Lock()
	if where.Any != s.where.Any {
		s.retreat(nil)
	}
	s.where = where
	s.retreat(s.free())
	var leaving []*post
	for _, p := range s.posts {
		if p.left {
			leaving = append(leaving, p)
		}
	}
	s.mu.Unlock()
	s.changed.Set()
	for _, p := range leaving {
		select {
		case <-p.over:
		case <-ctx.Done():
		}
	}
}

// Again has it listen once more to boards that it has listened to, or does: those at
// ports with these values, or all but those that wait to be taken.
func (s *Scout) Again(values ...string) {
	s.mu.Lock()
	for _, p := range s.posts {
		if slices.Contains(values, p.port.Value) || len(values) == 0 && (!p.named || p.isOver()) {
			p.again = true
		}
	}
	s.mu.Unlock()
	s.changed.Set()
}

// Run listens until ctx ends, and returns when all ports are closed.
func (s *Scout) Run(ctx context.Context) error {
	rung, stop := s.Watcher.Subscribe()
	defer stop()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var listening sync.WaitGroup
	defer listening.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		for _, p := range s.look(ctx) {
			listening.Go(func() {
				defer s.changed.Set()
				defer close(p.over)
				defer p.stop()
				s.serve(p.life, p)
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-rung:
		case <-s.changed:
		case <-ticker.C:
		}
	}
}

// look stops listening to ports that are not free any more, forgets those that
// are gone, and gives the new ones, whose life ends with ctx.
func (s *Scout) look(ctx context.Context) (fresh []*post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	free := s.free()
	s.retreat(free)
	for _, port := range free {
		node, err := os.Lstat(port.Path)
		if err != nil || s.posts[port.Path] != nil {
			continue
		}
		p := &post{port: port, node: node, any: s.where.Any, over: make(chan struct{})}
		p.life, p.stop = context.WithCancel(ctx)
		s.posts[port.Path] = p
		fresh = append(fresh, p)
	}
	return fresh
}

// free gives the ports on which to listen. s.mu is held.
func (s *Scout) free() []ports.Port {
	if !s.where.On {
		return nil
	}
	return s.Watcher.Free(s.where.Patterns, s.where.Claimed)
}

// retreat leaves the ports that are not free any more, and forgets those of which
// nothing need be remembered. s.mu is held.
func (s *Scout) retreat(free []ports.Port) {
	for path, p := range s.posts {
		if !slices.ContainsFunc(free, p.is) {
			p.left = true
			p.stop()
		}
		if (p.left || p.again) && p.isOver() {
			delete(s.posts, path)
		}
	}
}

// name notes that the board is found, and gives the port as it is called now, unless
// it is not free any more.
func (s *Scout) name(p *post) (port ports.Port, free bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.named, p.again = true, false
	all := s.free()
	i := slices.IndexFunc(all, p.is)
	if i < 0 {
		return port, false
	}
	return all[i], true
}

func (p *post) isOver() bool {
	select {
	case <-p.over:
		return true
	default:
		return false
	}
}

// is tells whether the port is still the same one, which was not unplugged in
// between.
func (p *post) is(port ports.Port) bool {
	if port.Path != p.port.Path {
		return false
	}
	node, err := os.Lstat(port.Path)
	return err == nil && os.SameFile(node, p.node) &&
		(node.Mode()&fs.ModeSymlink == 0 || node.ModTime().Equal(p.node.ModTime())) // a link may get the number of the one before
}
