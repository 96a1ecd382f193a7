package scout

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"time"

	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// lookEvery is how often to look for ports of which nothing tells: those of
// virtual boards, outside of /dev.
const lookEvery = 2 * time.Second

// Where says on which ports to listen.
type Where struct {
	On       bool
	Patterns []string // as ports.Watcher.Free takes them
	Claimed  []string // port: values of devices, which are let alone
}

// Found is a board that has said who it is. Its port is closed.
type Found struct {
	ID     string
	Port   ports.Port
	Baud   int // at which it speaks
	Opened time.Time
	Lines  []Line // what it has said since, its hello among it
}

// Line is one line as it was read.
type Line struct {
	At   time.Time // when its end was read
	Text []byte
}

// Options are what a Scout needs.
type Options struct {
	Watcher *ports.Watcher
	// Config says how to open a port: all but the seat, which is the scout's.
	Config func(port ports.Port, seat *ports.Seat) serialbridge.Config
	Log    *slog.Logger
}

// Scout listens while Run lasts.
type Scout struct {
	Options
	patience time.Duration // Patience, but in tests
	found    chan Found
	changed  chan struct{} // capacity 1: where has

	mu    sync.Mutex
	where Where
	anew  bool // ports that were listened to count as new

	// Of Run's goroutine.
	posts map[string]*post // by the port's path
	ended chan *post
}

// post is one port that is listened to, or was and need not be again.
type post struct {
	port ports.Port
	node fs.FileInfo // of its path when it was found
	stop context.CancelFunc
	done bool // nobody listens any more
	anew bool // when that is so, it counts as new
}

// New makes a Scout that listens nowhere before Send.
func New(o Options) *Scout {
	return &Scout{Options: o, patience: Patience, found: make(chan Found), changed: make(chan struct{}, 1),
		posts: map[string]*post{}, ended: make(chan *post)}
}

// String names the part in logs.
func (s *Scout) String() string { return "scout" }

// Found gives boards that have said who they are, one for each time that it is
// plugged in. They wait to be taken.
func (s *Scout) Found() <-chan Found { return s.found }

// Send has the scout listen there from now on, and nowhere else.
func (s *Scout) Send(where Where) {
	s.mu.Lock()
	s.where = where
	s.mu.Unlock()
	s.ring()
}

// Again has it listen once more to boards that it has listened to.
func (s *Scout) Again() {
	s.mu.Lock()
	s.anew = true
	s.mu.Unlock()
	s.ring()
}

func (s *Scout) ring() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// Run listens until ctx ends, and returns when all ports are closed.
func (s *Scout) Run(ctx context.Context) error {
	rung, stop := s.Watcher.Bell()
	defer stop()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var listening sync.WaitGroup
	defer listening.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for {
		for _, p := range s.look() {
			post, stop := context.WithCancel(ctx)
			p.stop = stop
			listening.Go(func() {
				defer stop()
				s.serve(post, p)
			})
		}
		select {
		case <-ctx.Done():
			return nil
		case <-rung:
		case <-s.changed:
		case <-ticker.C:
		case p := <-s.ended:
			p.done = true
		}
	}
}

// look stops listening to ports that are not free any more, forgets those that
// are gone, and gives the new ones.
func (s *Scout) look() (fresh []*post) {
	s.mu.Lock()
	where, anew := s.where, s.anew
	s.anew = false
	s.mu.Unlock()
	var free []ports.Port
	if where.On {
		free = s.Watcher.Free(where.Patterns, where.Claimed)
	}
	for path, p := range s.posts {
		p.anew = p.anew || anew
		if p.anew && p.done || !slices.ContainsFunc(free, p.is) {
			p.stop()
			delete(s.posts, path)
		}
	}
	for _, port := range free {
		node, err := os.Lstat(port.Path)
		if err != nil || s.posts[port.Path] != nil {
			continue
		}
		p := &post{port: port, node: node}
		s.posts[port.Path] = p
		fresh = append(fresh, p)
	}
	return fresh
}

// is tells whether the port is still the same one, which was not unplugged in
// between.
func (p *post) is(port ports.Port) bool {
	node, err := os.Lstat(port.Path)
	return err == nil && port.Path == p.port.Path && os.SameFile(node, p.node) &&
		(node.Mode()&fs.ModeSymlink == 0 || node.ModTime().Equal(p.node.ModTime())) // a link may get the number of the one before
}
