package serialbridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/logtest"
)

// Lines come before and after a replug under the same name.
func TestPort_ReadsLinesAcrossOpens(t *testing.T) {
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	p := start(t, portOn(t, link, seen))

	seen.expect("opened")
	before := time.Now()
	board.print("lf a line\nt=1\r\nt=2\n\r\nunfini")
	ready := seen.expect("ready")
	last := seen.expect("line t=1", "line t=2")
	if last.at.Before(before) || !last.at.Equal(ready.at) {
		t.Errorf("ready at %v, line at %v, printed at %v", ready.at, last.at, before)
	}
	board.print("shed")
	board.unplug()
	wantError(t, seen.expect("closed").err, errUnplugged)

	board = plug(t, link) // another pty behind the same name
	seen.expect("opened")
	board.print("ished\nt=3\n")
	seen.expect("ready", "line t=3")

	p.stop()
	if err := seen.expect("closed").err; err != nil {
		t.Errorf("a cancelled Run closes with %v", err)
	}
	got := p.Stats()
	got.Bytes = 0
	if want := (Stats{Path: link, Opens: 2, Lines: 3, SyncBytes: got.SyncBytes}); got != want || got.SyncBytes < 9 {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

// A pause releases the port, and the next Run opens it again.
func TestPort_RunsAgain(t *testing.T) {
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	p := portOn(t, link, seen)
	for i := range 3 {
		r := start(t, p)
		seen.expect("opened")
		board.print("\nt=1\n")
		seen.expect("ready", "line t=1")
		must(t, p.send(t.Context(), []byte("x")))
		r.stop()
		seen.expect("closed")
		if err := p.send(t.Context(), []byte("x")); !errors.Is(err, ErrAway) {
			t.Errorf("write %d between two runs: %v", i, err)
		}
	}
}

// Many replugs leak no descriptor and no goroutine.
func TestPort_LeaksNothingOverReplugs(t *testing.T) {
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	p := start(t, portOn(t, link, seen))
	var descriptors, goroutines int
	for i := range 100 {
		seen.expect("opened")
		board.print("\nhello\n")
		seen.expect("ready", "line hello")
		must(t, p.send(t.Context(), []byte("led=on\n")))
		if i == 10 {
			descriptors, goroutines = openFiles(t), runtime.NumGoroutine()
		}
		if i == 99 {
			break
		}
		board.unplug()
		seen.expect("closed")
		board = plug(t, link)
	}
	if now := openFiles(t); now > descriptors {
		t.Errorf("%d descriptors, %d before", now, descriptors)
	}
	if now := runtime.NumGoroutine(); now > goroutines+2 {
		t.Errorf("%d goroutines, %d before", now, goroutines)
	}
	before := openFiles(t)
	p.stop()
	if now := openFiles(t); now != before-4 {
		t.Errorf("%d descriptors after the end, want 4 less than %d", now, before)
	}
	if got := p.Stats(); got.Opens != 100 || got.Lines != 100 || got.Written != 700 {
		t.Errorf("stats %+v", got)
	}
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/dev/fd")
	must(t, err)
	return len(entries)
}

// A flood without a newline costs no memory, and another board does not notice
// it.
func TestPort_BoundsAFloodWithoutNewline(t *testing.T) {
	wild, calm := linkIn(t), linkIn(t)
	flood, board := plug(t, wild), plug(t, calm)
	lines := newRecorder(t)
	loud := start(t, portOn(t, wild, newRecorder(t)))
	start(t, portOn(t, calm, lines))
	lines.expect("opened")
	board.print("\nbefore\n")
	lines.expect("ready", "line before")

	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	const size = 8 << 20
	go func() {
		chunk := []byte("\n" + strings.Repeat("x", 4095))
		for sent := 0; sent < size; sent += len(chunk) {
			if _, err := flood.master.Write(chunk); err != nil {
				return
			}
			chunk[0] = 'x'
		}
	}()
	for i := range 20 {
		board.print(fmt.Sprintf("n=%d\n", i))
		lines.expect(fmt.Sprintf("line n=%d", i))
	}
	waitFor(t, "the flood to pass", func() bool { return loud.Stats().Bytes >= size })
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("the flood left %d bytes on the heap", grown)
	}
	loud.stop()
	if got := loud.Stats(); got.Overlong != 1 || got.Lines != 0 {
		t.Errorf("stats %+v, want one overlong line", got)
	}
}

func waitFor(t *testing.T, what string, reached func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !reached(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting for %s", what)
		}
	}
}

// blockingHandler blocks in Line until ctx ends.
type blockingHandler struct {
	recorder
	ctx context.Context
}

func (h *blockingHandler) Overlong(time.Time, int) {}
func (h *blockingHandler) EndOfRead(time.Time)     {}

func (h *blockingHandler) FirstLine(at time.Time, line []byte) { h.Line(at, line) }

func (h *blockingHandler) Line(at time.Time, line []byte) {
	h.recorder.Line(at, line)
	<-h.ctx.Done()
}

// A handler that blocks slows the board down, not the shutdown.
func TestPort_StopsWithABlockedHandler(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	ctx, cancel := context.WithCancel(t.Context())
	h := &blockingHandler{recorder: recorder{t: t, events: make(chan event, 16)}, ctx: ctx}
	p := start(t, portOn(t, link, h))
	h.expect("opened")
	board.print("\nt=1\nt=2\n")
	h.expect("ready", "line t=1")
	cancel()
	p.stop()
	h.expect("line t=2", "closed")
}

// Without a handler and a log a port is read all the same.
func TestNew_AcceptsNoHandlerAndNoLog(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	p := start(t, New(Options{Port: link, Baud: maxBaud}, nil, nil))
	waitFor(t, "an opening", func() bool { return p.Stats().Opens == 1 })
	board.print("\nt=1\n")
	waitFor(t, "a line", func() bool { return p.Stats().Lines == 1 })
	p.stop()
}

// Run returns if the port refuses the rate.
func TestPort_FailsForAWrongBaud(t *testing.T) {
	link := linkIn(t)
	plug(t, link)
	for _, baud := range []int{-9600, 1, 1 << 30} {
		p := New(Options{Device: "greenhouse", Port: link, Baud: baud}, newRecorder(t), nil)
		err := p.Run(t.Context())
		wantError(t, err, errBaud)
		want := fmt.Sprintf(`open "greenhouse" (%s): the port refuses this baud rate: %d is not from 50 to 12000000 (hint: set baud`, link, baud)
		if !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %q, want %q", err, want)
		}
		wantError(t, p.send(t.Context(), []byte("x\n")), ErrAway)
	}
}

// A rate outside of termios, such as the 74880 of an ESP8266, works.
func TestPort_OpensAnOddBaud(t *testing.T) {
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	p := portOn(t, link, seen)
	p.options.Baud = 74880 // an ESP8266's boot messages
	start(t, p)
	seen.expect("opened")
	board.print("\nboot\n")
	seen.expect("ready", "line boot")
}

// fakes returns a Port that opens what next returns, for a synctest bubble.
func fakes(h Handler, next func() (rawPort, error)) *Port {
	p := New(Options{Device: "greenhouse", Port: "/dev/ttyACM0", Baud: 9600}, h, nil)
	p.open = func(context.Context, string, int) (rawPort, error) { return next() }
	p.times.poll = 250 * time.Millisecond // a fakePort cannot be interrupted
	return p
}

// A silent board is ready when its boot time has passed.
func TestPort_BecomesReadyWithoutALine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		p := start(t, fakes(seen, func() (rawPort, error) { return raw, nil }))
		opened := seen.expect("opened")
		ready := seen.expect("ready")
		if took := ready.at.Sub(opened.at); took != BootTime {
			t.Errorf("ready after %v", took)
		}
		raw.input <- []byte("\nt=1\n")
		seen.expect("line t=1")
		p.stop()
		seen.expect("closed")
	})
}

// A board that prints every ten minutes must not lose its first reading.
func TestPort_ReadsTheFirstLineAfterAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		p := start(t, fakes(seen, func() (rawPort, error) { return raw, nil }))
		seen.expect("opened")
		time.Sleep(linePause)
		raw.input <- []byte("t=1\n")
		if line := seen.expect("ready", "line t=1"); !line.unsure {
			t.Error("the line may be the end of another, and Line got it")
		}
		raw.input <- []byte("t=2\n")
		if line := seen.expect("line t=2"); line.unsure {
			t.Error("FirstLine got a line that follows a line ending")
		}
		p.stop()
		seen.expect("closed")
	})
}

// After a reset by the open no line goes on from before it.
func TestPort_IsSureOfTheFirstLineAfterAReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		p := fakes(seen, func() (rawPort, error) { return raw, nil })
		p.options.ResetOnOpen = new(true)
		running := start(t, p)
		seen.expect("opened")
		time.Sleep(linePause)
		raw.input <- []byte("ready\n")
		if line := seen.expect("ready", "line ready"); line.unsure {
			t.Error("FirstLine got the first line of a board that was reset")
		}
		running.stop()
		seen.expect("closed")
	})
}

// A pause within a half line does not make its end a line.
func TestPort_DropsAHalfLineWithAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		p := start(t, fakes(seen, func() (rawPort, error) { return raw, nil }))
		seen.expect("opened")
		for _, piece := range []string{"ha", "lf ", "a line\n", "t=1\n"} {
			time.Sleep(linePause - time.Millisecond)
			raw.input <- []byte(piece)
		}
		seen.expect("ready", "line t=1")
		p.stop()
		seen.expect("closed")
		if got := p.Stats(); got.SyncBytes != 12 {
			t.Errorf("stats %+v", got)
		}
	})
}

// Without EndOfRead a handler that gathers lines would never send them on.
func TestPort_ReportsTheEndOfARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		p := start(t, fakes(seen, func() (rawPort, error) { return raw, nil }))
		seen.expect("opened")
		raw.input <- []byte("\na=1\nb=2\n")
		seen.expect("ready", "line a=1", "line b=2")
		<-seen.reads
		<-seen.reads // a second later, though nothing came
		p.stop()
		seen.expect("closed")
	})
}

// A flood of half a line must not keep the boot from ending.
func TestPort_BecomesReadyDespiteAnEndlessLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		start(t, fakes(seen, func() (rawPort, error) { return raw, nil }))
		opened := seen.expect("opened")
		for range 30 {
			raw.input <- []byte("xxxxxxxxxx")
			time.Sleep(100 * time.Millisecond)
		}
		ready := seen.expect("ready")
		if took := ready.at.Sub(opened.at); took < BootTime || took > BootTime+200*time.Millisecond {
			t.Errorf("ready after %v", took)
		}
	})
}

// Whatever fails at once is tried at growing intervals.
func TestPort_BacksOffFromQuickFailures(t *testing.T) {
	ways := map[string]func() (rawPort, error){
		"missing":   func() (rawPort, error) { return nil, syscall.ENOENT },
		"forbidden": func() (rawPort, error) { return nil, syscall.EACCES },
		"unplugged": func() (rawPort, error) { f := newFakePort(); close(f.input); return f, nil },
		"empty":     func() (rawPort, error) { return emptyPort{newFakePort()}, nil },
	}
	for name, open := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				opens := 0
				var log countingLog
				p := fakes(newRecorder(t), func() (rawPort, error) { opens++; return open() })
				p.log = slog.New(&log)
				start(t, p)
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				if opens < 6 || opens > 60 {
					t.Errorf("%d opens in two minutes", opens)
				}
				if n := log.warnings.Load(); n < 1 || n > 3 {
					t.Errorf("%d warnings in two minutes", n)
				}
				if got := p.Stats().Problem; !strings.HasPrefix(got, "port ") {
					t.Errorf("problem %q", got)
				}
			})
		})
	}
}

// emptyPort is a driver that returns "timeout" at once, for ever.
type emptyPort struct{ *fakePort }

func (emptyPort) Read([]byte) (int, error) { return 0, nil }

// countingLog counts records from Warn up.
type countingLog struct{ warnings atomic.Int64 }

func (l *countingLog) Enabled(context.Context, slog.Level) bool { return true }
func (l *countingLog) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *countingLog) WithGroup(string) slog.Handler            { return l }
func (l *countingLog) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		l.warnings.Add(1)
	}
	return nil
}

// A missing board is found within seconds of its return, after any absence.
func TestPort_FindsABoardAfterADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		var plugged atomic.Bool
		start(t, fakes(seen, func() (rawPort, error) {
			if plugged.Load() {
				return newFakePort(), nil
			}
			return nil, syscall.ENOENT
		}))
		time.Sleep(24 * time.Hour)
		plugged.Store(true)
		back := time.Now()
		if took := seen.expect("opened").at.Sub(back); took > 5*time.Second {
			t.Errorf("found after %v", took)
		}
	})
}

// A stop ends the wait for a missing board.
func TestPort_StopsWhileMissing(t *testing.T) {
	port := portOn(t, filepath.Join(t.TempDir(), "nowhere"), newRecorder(t))
	var log logtest.Log
	port.log = slog.New(slog.NewTextHandler(&log, nil))
	p := start(t, port)
	log.Await(t, "port missing")
	p.stop()
	got := p.Stats()
	if !strings.HasPrefix(got.Problem, "port missing: ") {
		t.Errorf("problem %q", got.Problem)
	}
	if got.Problem = ""; got != (Stats{}) {
		t.Errorf("stats %+v", got)
	}
}

// A port that refuses a read timeout counts as lost.
func TestPort_ReopensAfterARefusedTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := newRecorder(t)
		start(t, fakes(seen, func() (rawPort, error) { return stiffPort{newFakePort()}, nil }))
		seen.expect("opened")
		wantError(t, seen.expect("closed").err, errUnplugged)
	})
}

type stiffPort struct{ *fakePort }

func (stiffPort) SetReadTimeout(time.Duration) error { return errors.New("no timeouts here") }
