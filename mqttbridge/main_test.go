package mqttbridge

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/wake"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests.
const patience = 30 * time.Second

// eventually waits until ok, and fails the test if that does not come.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("in vain: %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// lines is a Source in memory that checks how it is used.
type lines struct {
	t     testing.TB
	ready wake.Signal

	mu    sync.Mutex
	lines []device.Line
	given int
	acked uint64 // the last seq
	total int    // acknowledged lines
}

func newLines(t testing.TB) *lines { return &lines{t: t, ready: wake.NewSignal()} }

func (l *lines) add(all ...device.Line) {
	l.mu.Lock()
	l.lines = append(l.lines, all...)
	l.mu.Unlock()
	l.ready.Set()
}

func (l *lines) Next() (device.Line, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.given == len(l.lines) {
		return device.Line{}, false
	}
	l.given++
	return l.lines[l.given-1], true
}

func (l *lines) Ack(seq uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq <= l.acked {
		l.t.Errorf("ack of %d after %d", seq, l.acked)
	}
	l.acked = seq
	for len(l.lines) > 0 && l.lines[0].Seq <= seq {
		if l.given == 0 {
			l.t.Errorf("ack of %d, which was not given since the last rewind", seq)
			return
		}
		l.lines = l.lines[1:]
		l.given--
		l.total++
	}
}

func (l *lines) Rewind() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.given = 0
}

func (l *lines) Ready() <-chan struct{} { return l.ready }

func (l *lines) ackedLines() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.total
}

// numbered is a line with one reading n, whose value is its seq.
func numbered(seq uint64) device.Line {
	return device.Line{Time: time.UnixMilli(1767323045678), Seq: seq,
		Readings: []device.Reading{{Name: "n", Value: fmt.Sprint(seq)}}}
}

// heard is a Handler that remembers.
type heard struct {
	mu       sync.Mutex
	messages []device.Message
	events   []string
}

func (h *heard) Message(m device.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.messages = append(h.messages, m)
}

func (h *heard) Connected(_ time.Time, present bool) { h.event(fmt.Sprintf("connected %t", present)) }
func (h *heard) Disconnected(_ time.Time, err error) { h.event(fmt.Sprintf("disconnected %v", err)) }

func (h *heard) event(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, text)
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.events...)
}

func (h *heard) got() []device.Message {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]device.Message(nil), h.messages...)
}

// running is a session under test.
type running struct {
	*Session
	t       testing.TB
	source  *lines
	heard   *heard
	log     logtest.Log
	stop    context.CancelFunc
	stopped chan struct{}
}

// run starts a session with short waits, which ends with the test.
func run(t testing.TB, o Options, tune ...func(*Session)) *running {
	t.Helper()
	r := &running{t: t, source: newLines(t), heard: new(heard), stopped: make(chan struct{})}
	r.Session = New(o, r.source, r.heard, slog.New(slog.NewTextHandler(&r.log, nil)))
	r.backoff = backoff{min: 5 * time.Millisecond, max: 100 * time.Millisecond}
	for _, f := range tune {
		f(r.Session)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.stop = cancel
	go func() {
		defer close(r.stopped)
		if err := r.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	t.Cleanup(r.end)
	return r
}

// end stops the session and waits for it.
func (r *running) end() {
	r.t.Helper()
	r.stop()
	select {
	case <-r.stopped:
	case <-time.After(patience):
		r.t.Fatal("Run does not end")
	}
}

func (r *running) waitConnected() {
	r.t.Helper()
	eventually(r.t, "connection\n"+r.log.String(), func() bool { return r.Stats().Connected })
}

// waitOrEnded returns when the session is connected or has been stopped.
func (r *running) waitOrEnded() {
	r.t.Helper()
	eventually(r.t, "connection or end", func() bool {
		select {
		case <-r.stopped:
			return true
		default:
			return r.Stats().Connected
		}
	})
}

// start runs a session; stop ends it and waits.
func start(t testing.TB, s *Session) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { _ = s.Run(ctx) })
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// listener is a client of the test's own that writes down what is published.
type listener struct {
	mqtt.Client
	mu   sync.Mutex
	seen []string // TOPIC PAYLOAD, with "retained " before what was stored
}

// listen subscribes to everything at a broker.
func listen(t testing.TB, broker *url.URL, tune ...func(*mqtt.ClientOptions)) *listener {
	t.Helper()
	l := new(listener)
	o := mqtt.NewClientOptions().AddBroker(broker.String()).SetAutoReconnect(false)
	o.SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { l.take(m) })
	for _, f := range tune {
		f(o)
	}
	l.Client = mqtt.NewClient(o)
	must(t, l.Connect())
	t.Cleanup(func() { l.Disconnect(250) })
	must(t, l.Subscribe("#", 1, nil))
	return l
}

func must(t testing.TB, token mqtt.Token) {
	t.Helper()
	if !token.WaitTimeout(patience) || token.Error() != nil {
		t.Fatalf("token: %v", token.Error())
	}
}

func (l *listener) take(m mqtt.Message) {
	text := m.Topic() + " " + string(m.Payload())
	if m.Retained() {
		text = "retained " + text
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, text)
}

func (l *listener) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.seen...)
}

func (l *listener) last() string {
	all := l.all()
	if len(all) == 0 {
		return ""
	}
	return all[len(all)-1]
}

// wait returns when a message was seen.
func (l *listener) wait(t testing.TB, want string) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Logf("seen: %q", l.all())
		}
	}()
	eventually(t, want, func() bool {
		for _, text := range l.all() {
			if text == want {
				return true
			}
		}
		return false
	})
}

// deviceOptions are those of a usual device.
func deviceOptions(brokers ...*url.URL) Options {
	return Options{Brokers: brokers, ClientID: "uno", CleanSession: true, QoS: 1,
		Topic: "devices/uno", StatusTopic: "devices/uno/status"}
}
