package serialbridge

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/logtest"
)

// sketchPort stands for a board behind a chip whose DTR resets it, because no
// pty has modem lines. Its sketch runs anew at each open and each pulse of DTR.
type sketchPort struct {
	*fakePort
	sketch func(ctx context.Context, print func(string))
	resets *atomic.Int64
	stop   context.CancelFunc
	dtr    bool
	lost   <-chan time.Time // the plug; nil holds
}

func (b *sketchPort) Read(p []byte) (int, error) {
	select {
	case <-b.lost:
		return 0, io.ErrUnexpectedEOF
	case data := <-b.input:
		return copy(p, data), nil
	case <-time.After(b.timeout):
		return 0, nil
	}
}

func (b *sketchPort) restart() {
	b.stop()
	b.resets.Add(1)
	var running context.Context
	running, b.stop = context.WithCancel(context.Background())
	go b.sketch(running, func(text string) { b.input <- []byte(text) })
}

func (b *sketchPort) SetRTS(bool) error    { return nil }
func (b *sketchPort) SetHangUp(bool) error { return nil }
func (b *sketchPort) SetDTR(up bool) error {
	if up && !b.dtr {
		b.restart()
	}
	b.dtr = up
	return nil
}

func (b *sketchPort) Close() error {
	b.stop()
	return b.fakePort.Close()
}

// after waits and reports whether the sketch still runs.
func after(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// prints returns a sketch that prints a banner, then a line every second for a
// while, and then hangs.
func prints(banner bool, lasts time.Duration) func(context.Context, func(string)) {
	return func(ctx context.Context, print func(string)) {
		if !after(ctx, time.Second) {
			return
		}
		if banner {
			print("greenhouse 1.0\n")
		}
		for end := time.Now().Add(lasts); time.Now().Before(end) && after(ctx, time.Second); {
			print("t=1\n")
		}
	}
}

// day is what a Port did with a board in a simulated day.
type day struct {
	opens, resets, logged, errors, ready int
	problem                              string
	online                               time.Duration
}

// liveADay runs a Port with a silence of a minute on a board. Every plugged, if
// that is not 0, the plug loses its contact for a moment.
func liveADay(t *testing.T, sketch func(context.Context, func(string)), plugged time.Duration) (d day) {
	synctest.Test(t, func(t *testing.T) {
		var resets atomic.Int64
		var log logtest.Log
		states := &stateHandler{}
		p := fakes(states, func() (rawPort, error) {
			b := &sketchPort{fakePort: newFakePort(), sketch: sketch, resets: &resets, stop: func() {}, dtr: true}
			b.restart()
			if plugged != 0 {
				b.lost = time.After(plugged)
			}
			return b, nil
		})
		at(Place{Path: "/dev/ttyUSB0", Chip: AutoReset}, p)
		p.times.poll = time.Second
		p.watchdog.limit, p.options.Silence = time.Minute, time.Minute
		p.log = slog.New(slog.NewTextHandler(&log, nil))
		running := start(t, p)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		stats := p.Stats()
		d = day{opens: int(stats.Opens), resets: int(resets.Load()), logged: strings.Count(log.String(), "\n"),
			errors: log.Count("level=ERROR"), problem: stats.Problem}
		running.stop()
		d.ready, d.online = states.ready, states.online
		if t.Failed() {
			t.Log(log.String())
		}
	})
	t.Logf("%+v", d)
	return d
}

// stateHandler adds up how long a device is online.
type stateHandler struct {
	NopHandler
	ready  int
	since  time.Time
	online time.Duration
}

func (h *stateHandler) Ready(at time.Time) { h.ready++; h.since = at }

func (h *stateHandler) Silent(at time.Time) { h.end(at) }

func (h *stateHandler) Closed(at time.Time, _ error) { h.end(at) }

func (h *stateHandler) end(at time.Time) {
	if !h.since.IsZero() {
		h.online += at.Sub(h.since)
	}
	h.since = time.Time{}
}

// A board that hangs, whatever it prints after a reset, is reset at growing
// intervals, stays offline, and is a problem on the page.
func TestPort_BoundsADayWithABoardThatHangs(t *testing.T) {
	for name, c := range map[string]struct {
		sketch  func(context.Context, func(string))
		opens   int
		resets  int
		logged  int
		ready   int
		problem string
	}{
		"silent":          {prints(false, 0), 30, 60, 120, 0, "board still silent"},
		"banner":          {prints(true, 0), 30, 60, 120, 1, "board stops printing soon after each restart"},
		"hangs after 20s": {prints(true, 20*time.Second), 30, 60, 120, 1, "board stops printing soon after each restart"},
		"hangs after 65s": {prints(true, 65*time.Second), 480, 480, 200, 480, "board stops printing soon after each restart"},
	} {
		t.Run(name, func(t *testing.T) {
			d := liveADay(t, c.sketch, 0)
			if d.opens > c.opens || d.resets > c.resets || d.logged > c.logged || d.ready > c.ready || d.errors == 0 {
				t.Errorf("got %+v, want at most %+v", d, c)
			}
			if !strings.HasPrefix(d.problem, c.problem) {
				t.Errorf("problem %q, want %q", d.problem, c.problem)
			}
		})
	}
}

// A loose plug costs one open each time that it makes contact again, and a
// bounded number of log lines.
func TestPort_BoundsADayWithALoosePlug(t *testing.T) {
	for name, c := range map[string]struct {
		sketch  func(context.Context, func(string))
		plugged time.Duration
		opens   int
		logged  int
	}{
		"every 3s, board prints":   {prints(true, time.Hour), 3 * time.Second, 24 * 3600 / 5, 200},
		"every 10s, board prints":  {prints(true, time.Hour), 10 * time.Second, 24 * 360, 200},
		"every 10s, board silent":  {prints(false, 0), 10 * time.Second, 24 * 360, 200},
		"every 150s, board silent": {prints(false, 0), 150 * time.Second, 24 * 24, 300},
		"every 150s, banner":       {prints(true, 0), 150 * time.Second, 24 * 24, 300},
	} {
		t.Run(name, func(t *testing.T) {
			d := liveADay(t, c.sketch, c.plugged)
			if d.opens > c.opens || d.resets > c.opens+10 || d.logged > c.logged {
				t.Errorf("got %+v, want at most %+v", d, c)
			}
		})
	}
}
