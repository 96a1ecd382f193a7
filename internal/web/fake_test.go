package web

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/monitor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a gateway whose boards are made up: the real one, with boards that
// print, is behind the dashboard in the tests of cmd/gateway. Here the hour
// before now is needed, and states that take days to come about.
type fake struct {
	hub   *monitor.Hub
	store *history.Store

	mu       sync.Mutex
	overview Overview
	devices  []Device
	sent     []string
	result   device.Result
}

func newFake() *fake {
	f := &fake{hub: monitor.NewHub(), store: history.NewStore(time.Now().Add(-time.Hour), true)}
	f.overview = Overview{ID: "pi-greenhouse", Version: "v1", Started: time.Now().Add(-50 * time.Hour),
		Broker: Broker{Address: "mqtt://192.168.1.20:1883", Connected: true}, Spool: Spool{MaxBytes: 256e6, Bytes: 41_213}}
	return f
}

func (f *fake) Overview(time.Time) Overview {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.overview
}

func (f *fake) Devices(time.Time) []Device {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Device{}, f.devices...)
}

func (f *fake) Subscribe(id string) *monitor.Subscription { return f.hub.Subscribe(id) }

func (f *fake) Send(_ context.Context, id, command, value string) (device.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.devices {
		if d.ID == id {
			f.sent = append(f.sent, id+" "+command+" "+value)
			r := f.result
			r.Value = value
			return r, nil
		}
	}
	return device.Result{}, ErrNoDevice
}

// add makes a board that is well.
func (f *fake) add(id, port string, commands map[string]device.Command) *Device {
	now := time.Now()
	d := Device{History: f.store.Device(id)}
	d.About = About{ID: id, Online: true, Since: now.Add(-26 * time.Hour),
		Port:     Port{Value: port, Path: "/dev/ttyACM0", Board: "Arduino Uno (2341:0043)", Baud: 115200, Open: true},
		Session:  Session{ClientID: "pi-greenhouse-" + id, Topic: "devices/" + id, Connected: true},
		Commands: Commands(device.Device{Commands: commands})}
	d.Live = Live{LastLine: &now, Rate: 1, Counts: Counts{Lines: 93_212, Sent: 14}}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.devices = append(f.devices, d)
	return &f.devices[len(f.devices)-1]
}

// change has a board be otherwise.
func (f *fake) change(id string, how func(*Device)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.devices {
		if f.devices[i].ID == id {
			how(&f.devices[i])
		}
	}
}

// hour fills the last hour of a board, a line each time.
func (f *fake) hour(id string, each time.Duration, readings func(s float64) []device.Reading) {
	r := f.store.Device(id)
	now := time.Now()
	for at := now.Add(-time.Hour); !at.After(now); at = at.Add(each) {
		r.Line(at)
		r.Readings(at, readings(at.Sub(now).Seconds()+3600))
	}
}

func wave(mean, swing, period, noise float64) func(s float64) float64 {
	return func(s float64) float64 {
		jitter := math.Sin(s*12.9898) * math.Sin(s*3.17)
		return mean + swing*math.Sin(s*2*math.Pi/period) + noise*jitter
	}
}

func text(v float64, decimals int) string { return fmt.Sprintf("%.*f", decimals, v) }

// serve runs a server for the test, and gives its address.
func serve(t *testing.T, f Gateway, change func(*Options)) string {
	t.Helper()
	o := Options{Listen: "127.0.0.1:0", Gateway: f, Log: slog.New(slog.DiscardHandler), HostName: "pi"}
	if change != nil {
		change(&o)
	}
	s := New(o)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return URL(s.listener.Addr())
}
