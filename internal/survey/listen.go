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

// mostLines is how many lines of a board are kept: enough to include each kind of line
// that a sketch prints.
const mostLines = 200

// pollEvery is how often Listen checks whether it has heard enough.
const pollEvery = 50 * time.Millisecond

// Heard is what was received from a board.
type Heard struct {
	Port  ports.Port
	Baud  int      // the rate at which it is text; 0: unknown
	Lines []string // the first complete ones

	// Hello is what the board describes in its hello; nil if it sent none.
	Hello *device.Description

	Bytes   uint64 // received, text or not
	Problem string // why there are no lines, with a hint; "" if the board sent nothing
	Opened  bool   // the port could be opened
}

// Listen opens a port and listens for about the given length, or longer if the rate is
// unknown by then. It returns early if ctx ends.
func Listen(ctx context.Context, port ports.Port, at serialbridge.Place, length time.Duration) Heard {
	h := listenAt(ctx, port, at, 0, length)
	// The search began at another rate and lost the board's first lines, perhaps with
	// the names of its columns. So reset it and listen again.
	if h.Hello == nil && h.Baud != 0 && h.Baud != serialbridge.FirstBaud && at.Chip == serialbridge.AutoReset && Digest(h.Lines).Numbers > 0 {
		again := listenAt(ctx, port, at, h.Baud, length)
		if len(again.Lines) > 0 {
			again.Baud = h.Baud
			return again
		}
	}
	return h
}

// listenAt listens at a rate; 0 detects it.
func listenAt(ctx context.Context, port ports.Port, at serialbridge.Place, baud int, length time.Duration) Heard {
	l := &listener{Asker: hello.New(patience * length), began: time.Now()}
	bridge := serialbridge.New(serialbridge.Options{Device: port.Path, Port: port.Path, Baud: baud, Yield: port.Unsure, Finder: place{at}},
		l, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { _ = bridge.Run(ctx) }) // its error is in the stats
	running.Go(func() { l.Ask(ctx, bridge) })
	defer func() { stop(); running.Wait() }()
	ticker := time.NewTicker(pollEvery)
	defer ticker.Stop()
	for {
		h, p := l.heard(port, bridge.Stats())
		if p.length = length; p.enough(len(h.Lines)) {
			return h
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return h
		}
	}
}

// progress is what has happened so far.
type progress struct {
	length    time.Duration // how long to listen
	boot      time.Duration // how long a board may take to boot after a reset
	listened  time.Duration // since the start
	since     time.Duration // since the first line
	received  bool          // bytes arrived
	problem   bool          // the port cannot be opened, or no text was found
	protocol  bool          // the board speaks the protocol
	described bool          // its hello is complete
}

// patience is how many times the length Listen waits for a board that has sent bytes
// but no line, or no complete hello: a line takes long at 1200 baud, and some boards
// print only every few seconds.
const patience = 4

func (p progress) enough(lines int) bool {
	switch {
	case p.described:
		return true
	case p.protocol:
		return p.since >= patience*p.length
	case lines > 0:
		return p.since >= p.length
	case p.problem:
		return true
	case p.received:
		return p.listened >= patience*p.length
	}
	return p.listened >= p.boot+p.length
}

// place is a serialbridge.Finder of one fixed port.
type place struct{ at serialbridge.Place }

func (p place) Find() (serialbridge.Place, error) { return p.at, nil }
func (place) Changed() <-chan struct{}            { return nil }
func (place) Release()                            {}

// listener keeps the lines of a board, and asks for its hello if it speaks the
// protocol.
type listener struct {
	*hello.Asker
	began time.Time

	mu    sync.Mutex
	first time.Time // when the first line arrived
	lines []string
}

// heard returns what was received so far.
func (l *listener) heard(port ports.Port, stats serialbridge.Stats) (Heard, progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := Heard{Port: port, Baud: stats.Baud, Lines: slices.Clone(l.lines), Bytes: stats.Bytes, Problem: stats.Problem, Opened: stats.Opens > 0}
	p := progress{boot: serialbridge.BootTime, listened: time.Since(l.began), received: h.Bytes > 0, problem: h.Problem != "", protocol: l.Speaks()}
	if d, complete := l.Description(); complete {
		h.Hello, p.described = &d, true
	}
	if len(l.lines) > 0 {
		p.since = time.Since(l.first)
	}
	return h, p
}

// FirstLine keeps a line whose beginning may be missing: it may be the only one.
func (l *listener) FirstLine(at time.Time, line []byte) { l.Line(at, line) }

func (l *listener) Line(at time.Time, line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) == 0 {
		l.first = at
	}
	if len(l.lines) < mostLines {
		l.lines = append(l.lines, string(line))
	}
	l.Asker.Line(at, line)
}
