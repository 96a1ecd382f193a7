package serialbridge

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/logtest"
)

// climb asks every second, from one time to another, and returns each step.
func climb(s *watchdog, from, to int) (steps []string) {
	names := map[recoveryStep]string{reportSilent: "silent", reopenPort: "reopen", resetBoard: "reset", raiseAlarm: "alarm"}
	for n := from; n <= to; n++ {
		at := time.Unix(int64(n), 0)
		step := s.due(at)
		if step == keepWaiting {
			continue
		}
		steps = append(steps, fmt.Sprintf("%d %s", n, names[step]))
		if step == reopenPort {
			s.opened(at, BootTime)
		}
	}
	return steps
}

// The steps follow each other, each after the same time.
func TestWatchdog_TakesItsStepsInOrder(t *testing.T) {
	s := watchdog{limit: 10 * time.Second}
	s.opened(time.Unix(0, 0), BootTime)
	got := climb(&s, 0, 330)
	want := []string{"12 silent", "22 reopen", "34 reset", "44 alarm", "104 reopen", "116 reset", "126 alarm",
		"246 reopen", "258 reset", "268 alarm"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if silent, back := s.line(time.Unix(331, 0)); !back || silent != 331*time.Second {
		t.Errorf("back %v after %v", back, silent)
	}
	if _, back := s.line(time.Unix(332, 0)); back {
		t.Error("back twice")
	}
	if got, want := climb(&s, 332, 390), []string{"342 silent", "352 reopen", "364 reset", "374 alarm"}; !slices.Equal(got, want) {
		t.Errorf("the second time %v, want %v", got, want)
	}
}

// The alarm comes again at intervals that grow to an hour.
func TestWatchdog_RepeatsTheAlarmAtGrowingIntervals(t *testing.T) {
	for _, limit := range []time.Duration{time.Second, time.Minute, 3 * time.Hour} {
		s := watchdog{limit: limit}
		s.opened(time.Unix(0, 0), 0)
		alarms := 0
		for _, step := range climb(&s, 0, 7*24*3600) {
			if strings.HasSuffix(step, "alarm") {
				alarms++
			}
		}
		if alarms < 12 || alarms > 180 {
			t.Errorf("%v: %d alarms in a week", limit, alarms)
		}
	}
}

// A replug starts the steps over; without a limit there are none.
func TestWatchdog_StartsOver(t *testing.T) {
	s := watchdog{limit: 10 * time.Second}
	s.opened(time.Unix(0, 0), 0)
	climb(&s, 0, 12)
	s.opened(time.Unix(13, 0), 0) // replugged
	if got, want := climb(&s, 13, 34), []string{"23 silent", "33 reopen"}; !slices.Equal(got, want) {
		t.Errorf("after a replug %v, want %v", got, want)
	}
	var off watchdog
	off.opened(time.Unix(0, 0), 0)
	if got := climb(&off, 0, 1000); got != nil {
		t.Errorf("without a limit %v", got)
	}
}

// quiet returns a Port with a limit of 10 s whose openings have modem lines, and
// its log.
func quiet(h Handler, modems *[]*lines) (*Port, *logtest.Log) {
	var log logtest.Log
	p := fakes(h, func() (rawPort, error) {
		m := &lines{fakePort: newFakePort()}
		*modems = append(*modems, m)
		return m, nil
	})
	p.watchdog.limit, p.options.Silence = 10*time.Second, 10*time.Second
	p.log = slog.New(slog.NewTextHandler(&log, nil))
	return p, &log
}

// A silent board is reported, its port reopened, the board reset, and the
// alarm logged.
func TestPort_RecoversASilentBoard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var modems []*lines
		seen := newRecorder(t)
		port, log := quiet(seen, &modems)
		p := start(t, port)
		seen.expect("opened")
		time.Sleep(BootTime + time.Second)
		must(t, p.send(t.Context(), []byte("led=on\n"))) // booted, though no line has come yet
		modems[0].input <- []byte("t=1\n")
		last := seen.expect("ready", "line t=1")

		time.Sleep(5 * time.Second)
		silent := seen.expect("silent")
		if took := silent.at.Sub(last.at); took != 10*time.Second {
			t.Errorf("silent after %v", took)
		}
		must(t, p.send(t.Context(), []byte("led=off\n"))) // a quiet board still gets its commands
		time.Sleep(5 * time.Second)
		closed := seen.expect("closed")
		wantError(t, closed.err, errSilent)
		if took := closed.at.Sub(last.at); took != 20*time.Second {
			t.Errorf("reopened after %v", took)
		}
		seen.expect("opened")
		time.Sleep(BootTime + 10*time.Second + resetPulse/2)
		synctest.Wait()
		early := make(chan error, 1)
		go func() { early <- p.send(t.Context(), []byte("mode=1\n")) }()
		time.Sleep(BootTime)
		synctest.Wait()
		select {
		case err := <-early:
			t.Errorf("a write into the bootloader gave %v", err)
		default:
		}
		must(t, <-early)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := log.Count("board still silent"); n != 1 {
			t.Errorf("%d alarms", n)
		}
		modems[1].input <- []byte("t=2\n")
		seen.expect("ready", "line t=2")
		synctest.Wait()
		if log.Count("board sends lines again") != 1 || log.Count("silent_for=4") != 2 {
			t.Errorf("log:\n%s", log.String())
		}
		p.stop()
		seen.expect("closed")
		if got := modems[1].did; !slices.Equal(got, []string{"DTR up", "DTR down", "DTR up"}) {
			t.Errorf("the lines went %q", got)
		}
	})
}

// A pseudo-terminal has no modem lines: the alarm takes the place of the
// reset.
func TestPort_RaisesTheAlarmWithoutModemLines(t *testing.T) {
	for name, raw := range map[string]func() rawPort{
		"none":   func() rawPort { return newFakePort() },
		"ENOTTY": func() rawPort { return &lines{fakePort: newFakePort(), err: syscall.ENOTTY} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var none []*lines
				seen := newRecorder(t)
				port, log := quiet(seen, &none)
				port.open = fakes(seen, func() (rawPort, error) { return raw(), nil }).open
				p := start(t, port)
				seen.expect("opened")
				time.Sleep(BootTime + 15*time.Second)
				wantError(t, seen.expect("closed").err, errSilent)
				seen.expect("opened")
				time.Sleep(BootTime + 11*time.Second)
				if n := log.Count("board still silent"); n != 1 {
					t.Errorf("%d alarms", n)
				}
				must(t, p.send(t.Context(), []byte("led=on\n")))
				p.stop()
			})
		})
	}
}

// A board whose line waits for the broker is not silent.
func TestPort_DoesNotCountABlockedHandlerAsSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw := newFakePort()
		h := &slowHandler{recorder: newRecorder(t)}
		p := fakes(h, func() (rawPort, error) { return raw, nil })
		p.watchdog.limit = 10 * time.Second
		running := start(t, p)
		h.expect("opened")
		time.Sleep(time.Second)
		for range 3 {
			raw.input <- []byte("t=1\n")
			time.Sleep(time.Minute + 9*time.Second)
		}
		h.expect("ready", "line t=1", "line t=1", "line t=1")
		running.stop()
		h.expect("closed")
	})
}

// slowHandler takes a minute for each line.
type slowHandler struct{ *recorder }

func (h *slowHandler) Line(at time.Time, line []byte) {
	h.recorder.Line(at, line)
	time.Sleep(time.Minute)
}

// Bytes that make no line do not show that the board works.
func TestPort_CountsNoiseAsSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		raw, seen := newFakePort(), newRecorder(t)
		p := fakes(seen, func() (rawPort, error) { return raw, nil })
		p.watchdog.limit = 10 * time.Second
		running := start(t, p)
		seen.expect("opened")
		raw.input <- []byte("\nt=1\n")
		last := seen.expect("ready", "line t=1")
		for range 110 {
			raw.input <- []byte("xxx")
			time.Sleep(100 * time.Millisecond)
		}
		if took := seen.expect("silent").at.Sub(last.at); took < 10*time.Second || took > 10200*time.Millisecond {
			t.Errorf("silent after %v", took)
		}
		running.stop()
	})
}
