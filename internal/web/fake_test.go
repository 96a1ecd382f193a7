package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/device"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a gateway with invented boards. The tests of cmd/gateway put the real one
// behind the dashboard; the tests here need an hour of history, and states that take
// days to reach.
type fake struct {
	hub   *monitor.Hub
	store *history.Store

	mu     sync.Mutex
	state  status.Snapshot
	sent   []string
	result device.Result
}

func newFake() *fake {
	f := &fake{hub: monitor.NewHub(), store: history.NewStore(time.Now().Add(-time.Hour), true)}
	f.state.Gateway = status.Gateway{ID: "pi-greenhouse", Version: "v1", Started: time.Now().Add(-50 * time.Hour),
		Broker: status.Broker{Address: "mqtt://192.168.1.20:1883", Connected: true}, Spool: status.Spool{MaxBytes: 256e6, Bytes: 41_213}}
	return f
}

func (f *fake) Status(now time.Time) status.Snapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.state
	s.Devices = slices.Clone(s.Devices)
	s.Judge(now)
	return s
}

func (f *fake) History(id string) *history.Recorder { return f.store.Device(id) }

func (f *fake) Subscribe(id string) *monitor.Subscription { return f.hub.Subscribe(id) }

// Try understands one kind of line.
func (f *fake) Try(id, text string, each func(line device.Heard, left error)) error {
	if id != "uno" {
		return ErrNoDevice
	}
	each(device.Heard{Text: []byte(text), Readings: []device.Reading{{Name: "t", Value: "1", Unit: "V"}},
		Withheld: []device.Withheld{{Reading: device.Reading{Name: "h", Value: "2"}, Why: "ignored"}}}, errors.New("left"))
	each(device.Heard{Text: []byte("\x01"), Err: errors.New("refused")}, nil)
	return nil
}

func (f *fake) Send(_ context.Context, id, command, value string) (device.Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, d := range f.state.Devices {
		if d.ID == id {
			f.sent = append(f.sent, id+" "+command+" "+value)
			r := f.result
			r.Value = value
			return r, nil
		}
	}
	return device.Result{}, ErrNoDevice
}

// add adds a board without any problem.
func (f *fake) add(id, port string, commands map[string]device.Command) {
	now := time.Now()
	var d status.Device
	d.About = status.About{ID: id, Online: true, Since: now.Add(-26 * time.Hour),
		Port:     status.Port{Value: port, Path: "/dev/ttyACM0", Board: "Arduino Uno (2341:0043)", Baud: 115200, Open: true},
		Session:  status.Session{ClientID: "pi-greenhouse-" + id, Topic: "devices/" + id, Connected: true, Subscribed: true},
		Commands: status.Commands(commands)}
	d.Live = status.Live{LastLine: now, Rate: 1, Counts: status.Counts{Lines: 93_212, Sent: 14}}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Devices = append(f.state.Devices, d)
}

// say publishes a line of a board.
func (f *fake) say(id, line string) {
	at := time.Now()
	seq := f.store.Device(id).Line(device.Heard{Time: at, Text: []byte(line)})
	f.hub.Publish(monitor.Event{Seq: seq, Time: at, Device: id, Kind: monitor.In, Text: line})
}

// change changes a board's status.
func (f *fake) change(id string, how func(*status.Device)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.state.Devices {
		if f.state.Devices[i].ID == id {
			how(&f.state.Devices[i])
		}
	}
}

// hour records the last hour of a board, one line every step.
func (f *fake) hour(id string, step time.Duration, readings func(s float64) []device.Reading) {
	r := f.store.Device(id)
	now := time.Now()
	for at := now.Add(-time.Hour); !at.After(now); at = at.Add(step) {
		all := readings(at.Sub(now).Seconds() + 3600)
		var line []string
		for _, one := range all {
			line = append(line, one.Name+"="+one.Value)
		}
		r.Line(device.Heard{Time: at, Text: []byte(strings.Join(line, ",")), Readings: all, Kept: all})
	}
}

func wave(mean, swing, period, noise float64) func(s float64) float64 {
	return func(s float64) float64 {
		jitter := math.Sin(s*12.9898) * math.Sin(s*3.17)
		return mean + swing*math.Sin(s*2*math.Pi/period) + noise*jitter
	}
}

func text(v float64, decimals int) string { return fmt.Sprintf("%.*f", decimals, v) }

// serve runs a server for the length of the test, and returns its URL.
func serve(t *testing.T, f Gateway, change func(*Options)) string {
	t.Helper()
	o := Options{Settings: Settings{Listen: "127.0.0.1:0"}, Gateway: f, Log: slog.New(slog.DiscardHandler), HostName: "pi"}
	if change != nil {
		change(&o)
	}
	s := New(o)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	address := s.early.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return URL(address)
}
