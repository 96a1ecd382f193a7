package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/status"
)

const patience = 10 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

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

// run starts the server, waits until it listens, and expects it to end without error.
func run(t *testing.T, s *Server) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	eventually(t, func() bool { // it listens once the socket has its mode
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
			t.Fatal("the condition did not become true in time")
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

func dial(t *testing.T, path string) net.Conn {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// devices is a gateway that records its calls.
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
