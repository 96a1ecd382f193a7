package control

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
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// serve runs a server with two devices for the length of a test.
func serve(t *testing.T) (*monitor.Hub, string) {
	t.Helper()
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Hub: monitor.NewHub(), Path: path, Gateway: &devices{known: []string{"greenhouse", "attic"}}}
	run(t, s)
	return s.Hub, path
}

// run starts the server, waits until it listens, and sees it end well.
func run(t *testing.T, s *Server) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	eventually(t, func() bool { // it listens when the socket has its mode, and not yet when it is there
		info, err := os.Stat(s.Path)
		return err == nil && info.Mode().Perm() == 0o600
	})
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
func watch(ctx context.Context, path, id string) (<-chan monitor.Event, <-chan error) {
	events, done := make(chan monitor.Event, 100), make(chan error, 1)
	go func() {
		done <- Watch(ctx, path, id, func(e monitor.Event) error { events <- e; return nil })
	}()
	return events, done
}

func next(t *testing.T, events <-chan monitor.Event) monitor.Event {
	t.Helper()
	select {
	case e := <-events:
		return e
	case <-time.After(patience):
		t.Fatal("no event came")
		return monitor.Event{}
	}
}

func TestEventsArriveWhole(t *testing.T) {
	hub, path := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	events, done := watch(ctx, path, "greenhouse")
	if e := next(t, events); e.Kind != monitor.Note || e.Text != "watching" {
		t.Fatalf("the first event is %+v", e)
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	sent := []monitor.Event{
		{Time: at, Device: "greenhouse", Kind: monitor.In, Text: "t=23.50 °C", Readings: []device.Reading{{Name: "t", Value: "23.50", Unit: "°C"}}},
		{Time: at, Device: "greenhouse", Kind: monitor.Refused, Text: "\x1b[2Jgarbage\xff", Error: "no pair"},
		{Time: at, Device: "greenhouse", Kind: monitor.Refused, Text: "\xff\x00\ufffd", Error: "no text"},
		{Time: at, Device: "greenhouse", Kind: monitor.Out, Text: "LH"},
	}
	hub.Publish(monitor.Event{Device: "attic", Kind: monitor.In, Text: "not for us"})
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

func TestStatusIsOfAllDevices(t *testing.T) {
	_, path := serve(t)
	got, err := AskStatus(t.Context(), path)
	want := Status{os.Getpid(), (&devices{known: []string{"greenhouse", "attic"}}).Status(time.Time{})}
	if err != nil || len(got.Devices) != 2 || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	if _, err := AskStatus(t.Context(), path+"-none"); !errors.Is(err, ErrNotRunning) {
		t.Error(err)
	}
}

func TestUnknownDeviceIsToldTheKnown(t *testing.T) {
	_, path := serve(t)
	err := Watch(t.Context(), path, "grenhouse", nil)
	if want := `no device "grenhouse" (hint: did you mean greenhouse?)`; err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	err = Watch(t.Context(), path, "cellar", nil)
	if want := `no device "cellar" (hint: known: greenhouse, attic)`; err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	if err := (refusal{Error: "no"}).asError(""); err.Error() != "no" {
		t.Fatalf("without devices: %v", err)
	}
}

func TestGatewayNotRunning(t *testing.T) {
	path := filepath.Join(t.TempDir(), "control.sock")
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
	s := &Server{Hub: monitor.NewHub(), Path: path, Gateway: &devices{known: []string{"a"}}}
	stop := run(t, s)
	enough := errors.New("enough")
	if err := Watch(t.Context(), path, "a", func(monitor.Event) error { return enough }); !errors.Is(err, enough) {
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
	if got, want := s.String(), "control socket "+path; got != want {
		t.Fatalf("String is %q, want %q", got, want)
	}
}

func TestSocketIsPrivateAndReplacedOnlyWhenStale(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	leaveStale(t, path)
	s := &Server{Hub: monitor.NewHub(), Path: path, Gateway: &devices{known: []string{"a"}}}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	eventually(t, func() bool {
		return Watch(t.Context(), path, "none", nil).Error() == `no device "none" (hint: known: a)`
	})
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	second := &Server{Hub: monitor.NewHub(), Path: path}
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
	if got, err := Path("/var/lib/gateway"); err != nil || got != "/var/lib/gateway/control.sock" {
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

// TestStuckWatcherBlocksNobody never reads what it asked for.
func TestStuckWatcherBlocksNobody(t *testing.T) {
	hub, path := serve(t)
	c := dial(t, path)
	fmt.Fprintln(c, `{"do":"watch","device":"attic"}`)
	eventually(t, func() bool { return hub.Active("attic") })
	text := strings.Repeat("x", 1000)
	for range 50 * 512 { // far above what the socket buffers
		hub.Publish(monitor.Event{Device: "attic", Kind: monitor.In, Text: text})
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
		"hello\n":                                `{"error":"the request is no JSON object: `,
		`{"do":"resume"}` + "\n":                 `{"error":"the request names no device"}`,
		`{"do":"flash","device":"attic"}` + "\n": `{"error":"the request \"flash\" is not known (hint: `,
		`{"do":"pause","device":"attic","seconds":-1}` + "\n": `{"error":"a pause of -1 seconds is none up to 24h0m0s"}`,
		`{"do":"pause","device":"attik","seconds":1}` + "\n":  `{"error":"no device \"attik\"","known":["greenhouse","attic"]}`,
		strings.Repeat("x", 10000):                            "", // an overlong line ends it
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
	hub := monitor.NewHub()
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	stop := run(t, &Server{Hub: hub, Path: path, Gateway: &devices{known: []string{"a"}}})
	for range maxClients {
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
		"hello\n":                               "the gateway sent no JSON object",
		strings.Repeat("x", maxAnswer+1) + "\n": "token too long",
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
	f.Add([]byte(`{"do":"pause","device":"greenhouse","seconds":120}`))
	f.Add([]byte(`{"time":"2026-01-02T03:04:05.678Z","device":"greenhouse","kind":"in","text":"t=23.5","readings":[{"Name":"t","Value":"23.5","Unit":""}]}`))
	f.Add([]byte(`{"error":"no device \"x\"","known":["greenhouse"]}`))
	f.Add([]byte(`{"port":"/dev/ttyACM0","until":"2026-01-02T03:06:05Z"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, err := decodeRequest(line); err == nil && (r.Device == "" || r.Do == "") {
			t.Fatalf("accepted %q", line)
		}
		if e, err := decodeEvent(line, "x"); err == nil && e.Kind == "" {
			t.Fatalf("%q is an event without a kind", line)
		}
		var p Paused
		_ = decodeAnswer(line, "x", &p)
	})
}

// devices is a gateway that remembers what it was asked to do.
type devices struct {
	known []string
	mu    sync.Mutex
	asked []string
	pause func(ctx context.Context) error
}

func (d *devices) Devices() []string { return d.known }

func (d *devices) Pause(ctx context.Context, device string, length time.Duration) (Paused, error) {
	d.mu.Lock()
	d.asked = append(d.asked, fmt.Sprint("pause ", device, " ", length))
	d.mu.Unlock()
	var err error
	if d.pause != nil {
		err = d.pause(ctx)
	}
	return Paused{Port: "/dev/ttyACM0", Until: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}, err
}

func (d *devices) Status(time.Time) status.Snapshot {
	s := status.Snapshot{Gateway: status.Gateway{Version: "v1"}}
	for _, id := range d.known {
		s.Devices = append(s.Devices, status.Device{About: status.About{ID: id, Online: id == "greenhouse"}})
	}
	return s
}

func (d *devices) Resume(device string) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, "resume "+device)
	return len(d.asked) == 2, nil
}

func (d *devices) Forget(_ context.Context, device string) error {
	if device == "uno" {
		return errors.New("it is in devices.yaml")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked = append(d.asked, "forget "+device)
	return nil
}

func TestForget(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &devices{known: []string{"uno", "attic"}}
	run(t, &Server{Path: path, Gateway: d})
	if err := Forget(t.Context(), path, "attic"); err != nil {
		t.Error(err)
	}
	if err := Forget(t.Context(), path, "uno"); err == nil || err.Error() != "it is in devices.yaml" {
		t.Errorf("of devices.yaml: %v", err)
	}
	if err := Forget(t.Context(), path, "atic"); err == nil || !strings.Contains(err.Error(), "attic") {
		t.Errorf("misspelt: %v", err)
	}
	if want := []string{"forget attic"}; !slices.Equal(d.asked, want) {
		t.Errorf("asked %q", d.asked)
	}
}

func TestPauseAndResume(t *testing.T) {
	path, err := Path(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	d := &devices{known: []string{"uno"}}
	run(t, &Server{Path: path, Gateway: d})
	p, err := Pause(t.Context(), path, "uno", 2*time.Minute)
	if err != nil || p.Port != "/dev/ttyACM0" || p.Extended || p.Until.Year() != 2026 {
		t.Errorf("%+v, %v", p, err)
	}
	for _, want := range []bool{true, false} {
		if paused, err := Resume(t.Context(), path, "uno"); err != nil || paused != want {
			t.Errorf("%t, %v; want %t", paused, err, want)
		}
	}
	if got := strings.Join(d.asked, ", "); got != "pause uno 2m0s, resume uno, resume uno" {
		t.Error(got)
	}
	if _, err := Resume(t.Context(), path, "umo"); err == nil || err.Error() != `no device "umo" (hint: did you mean uno?)` {
		t.Error(err)
	}
	d.pause = func(context.Context) error { return errors.New("the port is not closed yet") }
	if _, err := Pause(t.Context(), path, "uno", time.Minute); err == nil || err.Error() != "the port is not closed yet" {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	d.pause = func(serving context.Context) error { cancel(); <-serving.Done(); return serving.Err() }
	if _, err := Pause(ctx, path, "uno", time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("a client that hangs up: %v", err)
	}
}

func TestWatchOfAllDevices(t *testing.T) {
	hub, path := serve(t)
	ctx, cancel := context.WithCancel(t.Context())
	events, done := watch(ctx, path, "")
	if e := <-events; e.Text != "watching" || e.Device != "" {
		t.Errorf("%+v", e)
	}
	for _, id := range []string{"greenhouse", "attic"} {
		hub.Publish(monitor.Event{Device: id, Kind: monitor.In, Text: "t=1"})
		if e := <-events; e.Device != id || e.Text != "t=1" {
			t.Errorf("%+v", e)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	eventually(t, func() bool { return !hub.Active("attic") && !hub.Active("greenhouse") })
}
