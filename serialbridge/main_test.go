package serialbridge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"go.uber.org/goleak"

	"arduino-gateway/internal/wake"
)

// patience is how long a test waits for an event.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// board is the far end of a port: the master of a pty behind a link of a fixed name.
type board struct {
	t             *testing.T
	link          string // "" once unplugged
	master, slave *os.File
}

// plug makes a board appear at link.
func plug(t *testing.T, link string) *board {
	t.Helper()
	master, slave, err := pty.Open()
	must(t, err)
	must(t, os.Symlink(slave.Name(), link+".new"))
	must(t, os.Rename(link+".new", link))
	b := &board{t: t, link: link, master: master, slave: slave}
	t.Cleanup(b.unplug)
	return b
}

// unplug removes the name first, as the system does: the pty's own name may
// belong to another program the next moment.
func (b *board) unplug() {
	os.Remove(b.link)
	b.link = ""
	b.master.Close()
	b.slave.Close()
}

func (b *board) print(text string) {
	b.t.Helper()
	_, err := io.WriteString(b.master, text)
	must(b.t, err)
}

// receives reads n bytes that the gateway wrote.
func (b *board) receives(n int) []byte {
	b.t.Helper()
	must(b.t, b.master.SetReadDeadline(time.Now().Add(patience)))
	data := make([]byte, n)
	_, err := io.ReadFull(b.master, data)
	must(b.t, err)
	return data
}

// recorder is a Handler that turns calls into events. It fails the test if two
// calls overlap.
type recorder struct {
	t      *testing.T
	calls  sync.Mutex
	events chan event
	reads  wake.Signal // of EndOfRead, capacity 1
}

type event struct {
	name   string // opened, ready, line, closed
	text   string // of a line
	err    error  // of closed
	unsure bool   // of a line: FirstLine got it
	at     time.Time
}

func newRecorder(t *testing.T) *recorder {
	return &recorder{t: t, events: make(chan event, 1<<16), reads: wake.NewSignal()}
}

func (r *recorder) note(e event) {
	if !r.calls.TryLock() {
		r.t.Error("two calls of the handler overlap")
		return
	}
	defer r.calls.Unlock()
	r.events <- e
}

func (r *recorder) Opened(at time.Time) { r.note(event{name: "opened", at: at}) }
func (r *recorder) Ready(at time.Time)  { r.note(event{name: "ready", at: at}) }
func (r *recorder) Silent(at time.Time) { r.note(event{name: "silent", at: at}) }

func (r *recorder) Overlong(time.Time, int) {}

func (r *recorder) EndOfRead(time.Time) {
	r.reads.Set()
}

func (r *recorder) Line(at time.Time, line []byte) {
	r.note(event{name: "line", text: string(line), at: at})
}
func (r *recorder) FirstLine(at time.Time, line []byte) {
	r.note(event{name: "line", text: string(line), at: at, unsure: true})
}
func (r *recorder) Closed(at time.Time, err error) { r.note(event{name: "closed", err: err, at: at}) }

// expect waits for the next events, which must have these names; a line is "line
// TEXT".
func (r *recorder) expect(names ...string) (last event) {
	r.t.Helper()
	for _, name := range names {
		select {
		case last = <-r.events:
		case <-time.After(patience):
			r.t.Fatalf("no event %q", name)
		}
		got := last.name
		if got == "line" {
			got += " " + last.text
		}
		if got != name {
			r.t.Fatalf("event %q (%v), want %q", got, last.err, name)
		}
	}
	return last
}

// quick are timings for tests that go through many openings.
var quick = timing{
	poll: 20 * time.Millisecond, write: 300 * time.Millisecond,
	drain: 100 * time.Millisecond, release: 500 * time.Millisecond,
	retry: backoff{min: time.Millisecond, max: 5 * time.Millisecond},
}

// running is a Port whose Run is under way.
type running struct {
	*Port
	t      *testing.T
	cancel context.CancelFunc
	done   chan error
}

// send writes a line, and checks begun: only ErrAway means that no byte went out.
func (p *Port) send(ctx context.Context, line []byte) error {
	begun, err := p.Write(ctx, line)
	if begun == errors.Is(err, ErrAway) {
		panic(fmt.Sprintf("Write returned begun %v with the error %v", begun, err))
	}
	return err
}

func start(t *testing.T, p *Port) *running {
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{Port: p, t: t, cancel: cancel, done: make(chan error, 1)}
	go func() { r.done <- p.Run(ctx); close(r.done) }()
	t.Cleanup(func() { cancel(); <-r.done })
	return r
}

// stop cancels Run, which must then return nil in less than two seconds.
func (r *running) stop() {
	r.t.Helper()
	began := time.Now()
	r.cancel()
	select {
	case err := <-r.done:
		if err != nil {
			r.t.Errorf("Run gave %v", err)
		}
	case <-time.After(patience):
		r.t.Fatal("Run did not return")
	}
	if took := time.Since(began); took > 2*time.Second {
		r.t.Errorf("Run took %v to return", took)
	}
}

// portOn returns a quick Port on a link in a temporary folder.
func portOn(t *testing.T, link string, h Handler) *Port {
	p := New(Options{Device: "greenhouse", Port: link, Baud: maxBaud, BootTime: new(10 * time.Second)}, h, slog.New(slog.NewTextHandler(t.Output(), nil)))
	p.times = quick
	return p
}

func linkIn(t *testing.T) string { return filepath.Join(t.TempDir(), "ttyACM0") }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want one that is %v", err, want)
	}
}

// fakePort is a rawPort in memory, for synctest and for what no pty does.
type fakePort struct {
	input    chan []byte // what the board prints; closed: unplugged
	onWrite  func([]byte) (int, error)
	timeout  time.Duration
	mu       sync.Mutex
	written  bytes.Buffer
	closed   bool
	discards int
}

func newFakePort() *fakePort { return &fakePort{input: make(chan []byte, 16)} }

func (f *fakePort) Read(p []byte) (int, error) {
	select {
	case data, ok := <-f.input:
		if !ok {
			return 0, io.ErrUnexpectedEOF
		}
		return copy(p, data), nil
	case <-time.After(f.timeout):
		return 0, nil
	}
}

func (f *fakePort) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return 0, errors.New("a write after close")
	}
	if f.onWrite != nil {
		return f.onWrite(p)
	}
	return f.written.Write(p)
}

func (f *fakePort) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	return nil
}

func (f *fakePort) isClosed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed
}

func (f *fakePort) SetReadTimeout(d time.Duration) error { f.timeout = d; return nil }
func (f *fakePort) Discard()                             { f.discards++ }
