package monitor

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// serve runs a server with two devices for the length of a test.
func serve(t *testing.T) (*Hub, string) {
	t.Helper()
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Hub: NewHub(), Path: path, Devices: func() []string { return []string{"greenhouse", "attic"} }}
	run(t, s)
	return s.Hub, path
}

// run starts the server, waits until it listens, and sees it end well.
func run(t *testing.T, s *Server) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	eventually(t, func() bool { _, err := os.Stat(s.Path); return err == nil })
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					t.Errorf("run: %v", err)
				}
			case <-time.After(patience):
				t.Error("run did not end")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

func eventually(t *testing.T, true func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !true(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it did not become so in time")
		}
	}
}

// watch collects events until ctx ends.
func watch(ctx context.Context, path, id string) (<-chan Event, <-chan error) {
	events, done := make(chan Event, 100), make(chan error, 1)
	go func() {
		done <- Watch(ctx, path, id, func(e Event) error { events <- e; return nil })
	}()
	return events, done
}

func next(t *testing.T, events <-chan Event) Event {
	t.Helper()
	select {
	case e := <-events:
		return e
	case <-time.After(patience):
		t.Fatal("no event came")
		return Event{}
	}
}

func TestEventsArriveWhole(t *testing.T) {
	hub, path := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	events, done := watch(ctx, path, "greenhouse")
	if e := next(t, events); e.Kind != Note || e.Text != "watching" {
		t.Fatalf("the first event is %+v", e)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	sent := []Event{
		{Time: at, Device: "greenhouse", Kind: In, Text: "t=23.50 °C", Readings: []device.Reading{{Name: "t", Value: "23.50", Unit: "°C"}}},
		{Time: at, Device: "greenhouse", Kind: Refused, Text: "\x1b[2Jgarbage\xff", Error: "no pair"},
		{Time: at, Device: "greenhouse", Kind: Refused, Text: "\xff\x00\ufffd", Error: "no text"},
		{Time: at, Device: "greenhouse", Kind: Out, Text: "LH"},
	}
	hub.Publish(Event{Device: "attic", Kind: In, Text: "not for us"})
	for _, e := range sent {
		hub.Publish(e)
	}
	for _, want := range sent {
		if got := next(t, events); !reflect.DeepEqual(got, want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatalf("watch: %v", err)
	}
	eventually(t, func() bool { return !hub.Active("greenhouse") })
}

func TestUnknownDeviceIsToldTheKnown(t *testing.T) {
	_, path := serve(t)
	err := Watch(t.Context(), path, "grenhouse", nil)
	if want := `no device "grenhouse" (hint: there are greenhouse, attic)`; err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	if err := (&refusal{Error: "no"}).asError(); err.Error() != "no" {
		t.Fatalf("without devices: %v", err)
	}
}

func TestGatewayNotRunning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "monitor.sock")
	leaveStale(t, path)
	for _, p := range []string{path, path + "-none"} {
		err := Watch(t.Context(), p, "greenhouse", nil)
		if !errors.Is(err, ErrNotRunning) || !strings.Contains(err.Error(), "hint: is `gateway run` up") {
			t.Errorf("%s: %v", p, err)
		}
	}
	for cause, want := range map[error]string{fs.ErrPermission: "the gateway's own user", errors.New("odd"): "odd"} {
		if err := dialError(path, cause); !errors.Is(err, cause) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v", cause, err)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Watch(cancelled, path, "greenhouse", nil); err != nil {
		t.Errorf("cancelled before: %v", err)
	}
}

// leaveStale makes a socket that nobody listens on, as a kill leaves it.
func leaveStale(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
}

func TestWatchEndsWith(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Hub: NewHub(), Path: path, Devices: func() []string { return []string{"a"} }}
	stop := run(t, s)
	enough := errors.New("enough")
	if err := Watch(t.Context(), path, "a", func(Event) error { return enough }); !errors.Is(err, enough) {
		t.Fatalf("its callback's error: %v", err)
	}
	events, done := watch(t.Context(), path, "a")
	next(t, events)
	stop()
	if err := <-done; err == nil || err.Error() != `watch "a": the gateway has stopped` {
		t.Fatalf("the gateway's end: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the socket is still there: %v", err)
	}
	if got, want := s.String(), "monitor "+path; got != want {
		t.Fatalf("String is %q, want %q", got, want)
	}
}

func TestSocketIsPrivateAndReplacedOnlyWhenStale(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	leaveStale(t, path)
	s := &Server{Hub: NewHub(), Path: path, Devices: func() []string { return []string{"a"} }}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	eventually(t, func() bool {
		return Watch(t.Context(), path, "none", nil).Error() == `no device "none" (hint: there are a)`
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	second := &Server{Hub: NewHub(), Path: path}
	if err := second.Run(t.Context()); !errors.Is(err, syscall.EADDRINUSE) || !strings.Contains(err.Error(), "another gateway") {
		t.Errorf("a second server: %v", err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := second.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "something else is there") {
		t.Errorf("on a plain file: %v", err)
	}
	if b, _ := os.ReadFile(path); string(b) != "precious" {
		t.Error("the plain file was touched")
	}
	second.Path = filepath.Join(path, "below", "a-file")
	if second.Run(t.Context()) == nil {
		t.Error("listened below a plain file")
	}
}

func TestPath(t *testing.T) {
	if got, err := Path("/var/lib/gateway"); err != nil || got != "/var/lib/gateway/monitor.sock" {
		t.Errorf("got %q, %v", got, err)
	}
	long := "/" + strings.Repeat("x", 200)
	t.Setenv("TMPDIR", "/tmp")
	short, err := Path(long)
	if again, _ := Path(long + "/"); err != nil || len(short) > maxPath || filepath.Dir(short) != "/tmp" || again != short {
		t.Errorf("a long path gives %q, %v, and then %q", short, err, again)
	}
	if other, _ := Path(long + "y"); other == short {
		t.Error("two folders have one socket")
	}
	t.Setenv("TMPDIR", long)
	if _, err := Path(long); err == nil || !strings.Contains(err.Error(), "choose a shorter spool.dir") {
		t.Errorf("nowhere short: %v", err)
	}
}

func TestSlowWatcherLosesTheOldestAndIsTold(t *testing.T) {
	hub := NewHub()
	sub := hub.Subscribe("a")
	defer sub.Close()
	const sent = 3*queueLength + 17
	for i := range sent {
		hub.Publish(Event{Device: "a", Text: fmt.Sprint(i)})
	}
	<-sub.Ready()
	events := sub.Take()
	if len(events) > queueLength || events[0].Dropped+uint64(len(events)) != sent {
		t.Fatalf("%d events and %d dropped of %d", len(events), events[0].Dropped, sent)
	}
	for i, e := range events {
		if want := fmt.Sprint(sent - len(events) + i); e.Text != want {
			t.Fatalf("event %d is %s, want %s", i, e.Text, want)
		}
	}
	hub.Publish(Event{Device: "a"})
	if events := sub.Take(); len(events) != 1 || events[0].Dropped != 0 {
		t.Fatalf("afterwards: %+v", events)
	}
	if events := sub.Take(); len(events) != 0 {
		t.Fatalf("from an empty queue: %+v", events)
	}
}

func TestActiveIsPerDevice(t *testing.T) {
	hub := NewHub()
	if hub.Active("a") {
		t.Fatal("active without a watcher")
	}
	hub.Publish(Event{Device: "a"}) // to nobody
	one, two, other := hub.Subscribe("a"), hub.Subscribe("a"), hub.Subscribe("b")
	one.Close()
	one.Close()
	hub.Publish(Event{Device: "a"})
	if !hub.Active("a") || len(one.Take()) != 0 || len(two.Take()) != 1 || len(other.Take()) != 0 {
		t.Fatal("the event should reach the second watcher alone")
	}
	two.Close()
	if hub.Active("a") || !hub.Active("b") {
		t.Fatal("closing a's last watcher should leave b's")
	}
	other.Close()
	if hub.watched.Load() != nil {
		t.Fatal("a hub without watchers should say so without a map")
	}
}

// TestStuckWatcherBlocksNobody never reads what it asked for.
func TestStuckWatcherBlocksNobody(t *testing.T) {
	hub, path := serve(t)
	c := dial(t, path)
	fmt.Fprintln(c, `{"device":"attic"}`)
	eventually(t, func() bool { return hub.Active("attic") })
	text := strings.Repeat("x", 1000)
	for range 50 * queueLength { // far above what the socket buffers
		hub.Publish(Event{Device: "attic", Kind: In, Text: text})
	}
	_ = c.Close()
	eventually(t, func() bool { return !hub.Active("attic") })
}

func dial(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func TestBadRequestsAreAnswered(t *testing.T) {
	hub, path := serve(t)
	for request, want := range map[string]string{
		"hello\n":                  `{"error":"the request is no JSON object: `,
		"{}\n":                     `{"error":"the request names no device","devices":null}`,
		strings.Repeat("x", 10000): "", // an overlong line ends it
	} {
		c := dial(t, path)
		_, _ = c.Write([]byte(request))
		got, _ := bufio.NewReader(c).ReadString('\n')
		if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%.20q: got %q, want %q", request, got, want)
		}
	}
	if hub.Active("") {
		t.Error("a bad request subscribed")
	}
}

func TestSilentWatchersDoNotHoldUpTheEnd(t *testing.T) {
	hub := NewHub()
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, &Server{Hub: hub, Path: path, Devices: func() []string { return []string{"a"} }})
	for range maxWatchers {
		dial(t, path)
	}
	turnedAway := dial(t, path)
	if n, err := turnedAway.Read(make([]byte, 1)); err == nil {
		t.Fatalf("one watcher too many got %d bytes", n)
	}
	began := time.Now()
	stop()
	if took := time.Since(began); took > requestTime {
		t.Fatalf("the end took %v", took)
	}
}

func TestGatewayThatTalksNonsense(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for answer, want := range map[string]string{
		"hello\n":                              "the gateway sent no JSON object",
		strings.Repeat("x", maxEvent+1) + "\n": "token too long",
	} {
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = bufio.NewReader(c).ReadString('\n')
			_, _ = c.Write([]byte(answer))
			_ = c.Close()
		}()
		if err := Watch(t.Context(), path, "a", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"device":"greenhouse"}`))
	f.Add([]byte(`{"time":"2026-01-02T03:04:05.678Z","device":"greenhouse","kind":"in","text":"t=23.5","readings":[{"Name":"t","Value":"23.5","Unit":""}]}`))
	f.Add([]byte(`{"error":"no device \"x\"","devices":["greenhouse"]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, err := decodeRequest(line); err == nil && r.Device == "" {
			t.Fatalf("accepted %q without a device", line)
		}
		e, refused, err := decodeAnswer(line)
		if err != nil {
			return
		}
		if (e.Kind == "") != (refused != nil) {
			t.Fatalf("%q is neither an event nor a refusal: %+v, %+v", line, e, refused)
		}
	})
}

func BenchmarkActiveNobody(b *testing.B) {
	hub := NewHub()
	for b.Loop() {
		hub.Active("greenhouse")
	}
}

func BenchmarkActiveWatched(b *testing.B) {
	hub := NewHub()
	defer hub.Subscribe("greenhouse").Close()
	for b.Loop() {
		hub.Active("greenhouse")
	}
}
