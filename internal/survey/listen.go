package survey

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/ports"
	"arduino-gateway/serialbridge"
)

// mostLines is how many lines of a board are kept: enough for each kind of line
// that a sketch prints to be among them.
const mostLines = 200

// look is how often to see whether enough was heard.
const look = 50 * time.Millisecond

// Heard is what a board said.
type Heard struct {
	Port  ports.Port
	Baud  int      // at which it is text; 0: none is known
	Lines []string // the first ones, whole

	// Told is what the board said of itself in its hello; nil where it said none.
	Told *device.Description

	Bytes   uint64 // that came, of whatever kind
	Problem string // why there are no lines, in words with a hint; "" where it said nothing
	Opened  bool   // the port could be opened
}

// Listen opens a port and listens for about so long, or longer where the rate is
// not clear by then. It returns sooner where ctx ends.
func Listen(ctx context.Context, port ports.Port, chip serialbridge.Chip, wish time.Duration) Heard {
	h := listenAt(ctx, port, chip, 0, wish)
	// The search for the rate began with the first that is tried, and lost what
	// the board said at its start: the names of its columns, perhaps.
	if h.Told == nil && h.Baud != 0 && h.Baud != serialbridge.FirstBaud && chip == serialbridge.AutoReset && Digest(h.Lines).Numbers > 0 {
		again := listenAt(ctx, port, chip, h.Baud, wish)
		if len(again.Lines) > 0 {
			again.Baud = h.Baud
			return again
		}
	}
	return h
}

// listenAt listens at a rate; 0 finds it.
func listenAt(ctx context.Context, port ports.Port, chip serialbridge.Chip, baud int, wish time.Duration) Heard {
	e := &ear{Asker: hello.New(patience * wish), began: time.Now()}
	bridge := serialbridge.New(serialbridge.Options{Device: port.Path, Port: port.Path, Baud: baud, Finder: place{port.Path, chip}},
		e, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = bridge.Run(ctx) }) // what it says is in the stats
	running.Go(func() { e.Ask(ctx, bridge) })
	defer func() { stop(); running.Wait() }()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		h, so := e.heard(port, bridge.Stats())
		if so.wish = wish; so.enough(len(h.Lines)) {
			return h
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return h
		}
	}
}

// progress is how far the listening to a board is.
type progress struct {
	wish     time.Duration // how long to listen
	boot     time.Duration // how long a board that was reset may take to speak
	listened time.Duration // since the port was to be opened
	since    time.Duration // since the first line
	spoke    bool          // bytes came
	problem  bool          // the port cannot be opened, or no text was found
	speaks   bool          // the board can say who it is
	told     bool          // it has
}

// patience is how many times as long a board is listened to whose bytes are not
// understood yet: at 1200 baud a line takes its time, and a slow one says one in
// seconds.
const patience = 4

func (p progress) enough(lines int) bool {
	switch {
	case p.told:
		return true
	case p.speaks:
		return p.since >= patience*p.wish
	case lines > 0:
		return p.since >= p.wish
	case p.problem:
		return true
	case p.spoke:
		return p.listened >= patience*p.wish
	}
	return p.listened >= p.boot+p.wish
}

// place is where the one board is.
type place struct {
	path string
	chip serialbridge.Chip
}

func (p place) Find() (serialbridge.Place, error) {
	return serialbridge.Place{Path: p.path, Chip: p.chip}, nil
}
func (place) Changed() <-chan struct{} { return nil }
func (place) Release()                 {}

// ear keeps what a board says, and asks it for its hello where it speaks the
// protocol.
type ear struct {
	*hello.Asker
	began time.Time

	mu    sync.Mutex
	first time.Time // when the first line came
	lines []string
}

// heard is what came so far.
func (e *ear) heard(port ports.Port, stats serialbridge.Stats) (Heard, progress) {
	e.mu.Lock()
	defer e.mu.Unlock()
	h := Heard{Port: port, Baud: stats.Baud, Lines: slices.Clone(e.lines), Bytes: stats.Bytes, Problem: stats.Problem, Opened: stats.Opens > 0}
	p := progress{boot: serialbridge.BootTime, listened: time.Since(e.began), spoke: h.Bytes > 0, problem: h.Problem != "", speaks: e.Speaks()}
	if told, whole := e.Description(); whole {
		h.Told, p.told = &told, true
	}
	if len(e.lines) > 0 {
		p.since = time.Since(e.first)
	}
	return h, p
}

func (e *ear) Line(at time.Time, line []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.lines) == 0 {
		e.first = at
	}
	if len(e.lines) < mostLines {
		e.lines = append(e.lines, string(line))
	}
	e.Asker.Line(at, line)
}
