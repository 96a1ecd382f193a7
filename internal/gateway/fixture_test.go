package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
)

// The neighbours are substitutes. The end-to-end tests use the real ones, but cannot hold
// time still.

type port struct {
	mu      sync.Mutex
	written []string
	write   func(ctx context.Context, line []byte) (bool, error)
	run     func(ctx context.Context) error
}

func (p *port) Run(ctx context.Context) error {
	if p.run != nil {
		return p.run(ctx)
	}
	<-ctx.Done()
	return nil
}

type lease struct {
	mu   sync.Mutex
	held bool
}

func (p *lease) Hold(held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = held
}

func (p *lease) isHeld() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

func (p *port) Write(ctx context.Context, line []byte) (bool, error) {
	if p.write != nil {
		return p.write(ctx, line)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written = append(p.written, string(line))
	return true, nil
}

// Ask is Write for which the board answers after that.
func (p *port) Ask(ctx context.Context, line []byte, asked func(at time.Time, leaving func() bool)) (bool, error) {
	asked(time.Now(), func() bool { return false })
	return p.Write(ctx, line)
}

type session struct {
	mu       sync.Mutex
	results  []device.Result
	online   []bool
	commands []bool
	ended    chan struct{}
}

func (s *session) Run(ctx context.Context) error {
	<-ctx.Done()
	close(s.ended)
	return nil
}

func (s *session) SetOnline(online bool) { s.online = append(s.online, online) }

func (s *session) SetCommands(accepted bool) { s.commands = append(s.commands, accepted) }

func (s *session) Result(_ string, r device.Result, delivered func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.results = append(s.results, r)
	delivered()
}

func (s *session) last(t *testing.T) device.Result {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.results) == 0 {
		t.Fatal("no result")
	}
	return s.results[len(s.results)-1]
}

type queue struct {
	lines     []device.Line
	commits   int
	connected []bool
}

func (q *queue) Append(_ context.Context, at time.Time, readings []device.Reading) {
	q.lines = append(q.lines, device.Line{Time: at, Readings: slices.Clone(readings)})
}

func (q *queue) Commit() { q.commits++ }

func (q *queue) SetConnected(connected bool) { q.connected = append(q.connected, connected) }

type parser struct {
	resets int
	first  string
	left   error
}

func (p *parser) Left() error { return p.left }

func (p *parser) Names() []string { return nil }

func (p *parser) Reset() { p.resets++ }

func (p *parser) Line(at time.Time, line []byte, each Outcome) {
	readings, err := p.Parse(line)
	each(at, line, readings, err)
}

func (p *parser) First(at time.Time, line []byte, each Outcome) { p.first = string(line) }

func (p *parser) Quiet(time.Time, Outcome) {}

func (p *parser) End(Outcome) {}

func (p *parser) Parse(line []byte) ([]device.Reading, error) {
	p.left = nil
	switch {
	case bytes.HasPrefix(line, []byte("~")):
		p.left = errors.New("an end without a name")
	case bytes.HasPrefix(line, []byte("?")):
		return nil, errors.New("no reading in it")
	case bytes.HasPrefix(line, []byte("#")):
		return nil, fmt.Errorf("a %w", device.ErrHeader)
	}
	return []device.Reading{{Name: "line", Value: string(line)}}, nil
}

type observer struct {
	mu    sync.Mutex
	seen  []string
	lines []string // with readings, and what came later
	kept  []string // the readings of each line whose names are kept
}

func (o *observer) saw(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, text)
}

func (o *observer) Active() bool { return true }
func (o *observer) Later(_ time.Time, readings []device.Reading) {
	o.lines = append(o.lines, fmt.Sprint("later ", readings))
}
func (o *observer) Line(l device.Heard) {
	o.lines = append(o.lines, fmt.Sprint(string(l.Text), " ", l.Readings))
	o.kept = append(o.kept, fmt.Sprint(l.Kept))
	o.saw(fmt.Sprintf("in %s %d %v %v", l.Text, len(l.Readings), l.Withheld, l.Err))
}
func (o *observer) Out(_ time.Time, command string, r device.Result) {
	o.saw(fmt.Sprintf("out %s %s", command, r.Status))
}
func (o *observer) Note(_ time.Time, text string) { o.saw(text) }

type fixture struct {
	*Device
	port     *port
	lease    *lease
	parser   *parser
	session  *session
	queue    *queue
	observer *observer
	log      *bytes.Buffer
}

// newFixture returns a device with two commands, after changes to its configuration and
// its parts.
func newFixture(changes ...func(*device.Device, *Parts)) *fixture {
	f := &fixture{port: &port{}, lease: &lease{}, parser: &parser{}, session: &session{ended: make(chan struct{})}, queue: &queue{}, observer: &observer{}, log: &bytes.Buffer{}}
	d := device.Device{
		ID: "greenhouse", Port: "/dev/ttyACM0", LineEnding: device.LF,
		Commands: map[string]device.Command{
			"led": {Name: "led", Type: device.Bool, Write: "L{value}", On: "H", Off: "L"},
			"pwm": {Name: "pwm", Type: device.Int, Max: new(int64(255))},
		},
	}
	parts := Parts{Parser: f.parser, Queue: f.queue, Observer: f.observer, Lease: f.lease, Journal: journal.Open("", nil), Described: func(device.Description) {},
		Log: slog.New(slog.NewTextHandler(f.log, nil))}
	for _, change := range changes {
		change(&d, &parts)
	}
	f.Device = NewDevice(d, parts)
	f.Join(f.port, f.session)
	return f
}

// start runs the device and returns the function that stops it and waits.
func (f *fixture) start(t *testing.T) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func (f *fixture) ask(command, value string) {
	f.Message(device.Message{Command: command, Payload: []byte(value), At: time.Now()})
}
