package mqttbridge

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/mqtttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests.
const patience = 30 * time.Second

// recorder is a Handler that records.
type recorder struct {
	NopHandler
	mu       sync.Mutex
	messages []device.Message
	refused  []device.Refused
	events   []string
}

func (r *recorder) Message(m device.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = append(r.messages, m)
}

func (r *recorder) Refused(m device.Refused) {
	r.mu.Lock()
	defer r.mu.Unlock()
	m.Payload = bytes.Clone(m.Payload)
	r.refused = append(r.refused, m)
}

func (r *recorder) putAside() []device.Refused {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]device.Refused(nil), r.refused...)
}

func (r *recorder) Connected(_ time.Time, present bool) {
	r.event(fmt.Sprintf("connected %t", present))
}
func (r *recorder) Disconnected(_ time.Time, err error) { r.event(fmt.Sprintf("disconnected %v", err)) }

func (r *recorder) event(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, text)
}

func (r *recorder) all() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.events...)
}

func (r *recorder) got() []device.Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]device.Message(nil), r.messages...)
}

// running is a session under test, with its source, handler and log.
type running struct {
	*Session
	t        testing.TB
	source   *mqtttest.Source
	recorded *recorder
	log      logtest.Log
	stop     context.CancelFunc
	stopped  chan struct{}
}

// run starts a session with short waits. It ends with the test.
func run(t testing.TB, o Options, tune ...func(*Session)) *running {
	t.Helper()
	r := &running{t: t, source: mqtttest.NewSource(t), recorded: new(recorder), stopped: make(chan struct{})}
	r.Session = New(o, r.source, r.recorded, slog.New(slog.NewTextHandler(&r.log, nil)))
	r.backoff, r.longest = mqttconn.NewBackoff(5*time.Millisecond, 100*time.Millisecond), 30*time.Millisecond
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
	mqtttest.Eventually(r.t, "connection\n"+r.log.String(), func() bool { return r.Stats().Connected })
}

// waitOrEnded returns when the session is connected or has ended.
func (r *running) waitOrEnded() {
	r.t.Helper()
	mqtttest.Eventually(r.t, "connection or end", func() bool {
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

// deviceOptions returns the options of a typical device.
func deviceOptions(brokers ...*url.URL) Options {
	return Options{Brokers: brokers, ClientID: "uno", CleanSession: true, QoS: 1,
		Topic: "devices/uno", StatusTopic: "devices/uno/status"}
}
