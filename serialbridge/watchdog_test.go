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

// resetting is an opening that resets the board.
var resetting = startup{boot: BootTime, mayReset: true}

var stepNames = map[recoveryStep]string{reportSilent: "silent", reopenPort: "reopen", resetBoard: "reset", raiseAlarm: "alarm"}

// climb asks every second, from one time to another, and returns each step.
func climb(s *watchdog, from, to int) (steps []string) {
	for n := from; n <= to; n++ {
		at := time.Unix(int64(n), 0)
		step := s.due(at)
		if step == keepWaiting {
			continue
		}
		steps = append(steps, fmt.Sprintf("%d %s", n, stepNames[step]))
		if step == reopenPort {
			s.opened(at, resetting)
		}
	}
	return steps
}

// The steps follow each other, each after the same time.
func TestWatchdog_TakesItsStepsInOrder(t *testing.T) {
	s := watchdog{limit: 10 * time.Second}
	s.opened(time.Unix(0, 0), resetting)
	got := climb(&s, 0, 330)
	want := []string{"12 silent", "22 reopen", "34 reset", "44 alarm", "104 reopen", "116 reset", "126 alarm",
		"246 reopen", "258 reset", "268 alarm"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if silent, back := s.line(time.Unix(331, 0), time.Unix(331, 0)); !back || silent != 331*time.Second {
		t.Errorf("back %v after %v", back, silent)
	}
	if _, back := s.line(time.Unix(332, 0), time.Unix(332, 0)); back {
		t.Error("back twice")
	}
	for n := 333; n <= 931; n++ {
		s.line(time.Unix(int64(n), 0), time.Unix(int64(n), 0))
	}
	if got, want := climb(&s, 932, 990), []string{"941 silent", "951 reopen", "963 reset", "973 alarm"}; !slices.Equal(got, want) {
		t.Errorf("the second time %v, want %v", got, want)
	}
}

// Lines soon after a restart of ours do not end the steps; later ones do.
func TestWatchdog_AsksForAProofAfterARestart(t *testing.T) {
	once := func(n int) []int { return []int{n} }
	every := func(from, to, step int) (times []int) {
		for n := from; n <= to; n += step {
			times = append(times, n)
		}
		return times
	}
	for name, c := range map[string]struct {
		opening startup
		lines   []int // the port is opened at 0, silent at 12, and reopened at 22
		back    int   // when the silence ended; 0: it did not
		steps   []string
	}{
		"no step yet":            {resetting, once(13), 13, []string{"12 silent", "23 silent", "33 reopen"}},
		"banner":                 {resetting, once(23), 0, []string{"12 silent", "22 reopen", "34 reset"}},
		"banner after each step": {resetting, []int{23, 35}, 0, []string{"12 silent", "22 reopen", "34 reset"}},
		"prints for a while":     {resetting, every(23, 30, 1), 0, []string{"12 silent", "22 reopen", "40 reset"}},
		"prints on":              {resetting, every(23, 60, 1), 34, []string{"12 silent", "22 reopen"}},
		"prints seldom":          {resetting, every(23, 60, 9), 41, []string{"12 silent", "22 reopen"}},
		"nothing was restarted":  {startup{boot: BootTime}, once(23), 23, []string{"12 silent", "22 reopen", "33 silent"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := watchdog{limit: 10 * time.Second}
			s.opened(time.Unix(0, 0), c.opening)
			var steps []string
			back := 0
			for n := range 42 {
				at := time.Unix(int64(n), 0)
				if slices.Contains(c.lines, n) {
					if _, now := s.line(at, at); now {
						back = n
					}
				}
				step := s.due(at)
				switch step {
				case keepWaiting:
					continue
				case reopenPort:
					s.opened(at, c.opening)
				case resetBoard:
					s.boots(at, BootTime)
				}
				steps = append(steps, fmt.Sprintf("%d %s", n, stepNames[step]))
			}
			if back != c.back || !slices.Equal(steps, c.steps) {
				t.Errorf("back at %d after %v, want %d after %v", back, steps, c.back, c.steps)
			}
		})
	}
}

// The alarm comes again at intervals that grow to an hour.
func TestWatchdog_RepeatsTheAlarmAtGrowingIntervals(t *testing.T) {
	for _, limit := range []time.Duration{time.Second, time.Minute, 3 * time.Hour} {
		s := watchdog{limit: limit}
		s.opened(time.Unix(0, 0), startup{})
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
	s.opened(time.Unix(0, 0), startup{})
	climb(&s, 0, 12)
	s.opened(time.Unix(13, 0), startup{}) // replugged
	if got, want := climb(&s, 13, 34), []string{"23 silent", "33 reopen"}; !slices.Equal(got, want) {
		t.Errorf("after a replug %v, want %v", got, want)
	}
	var off watchdog
	off.opened(time.Unix(0, 0), startup{})
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
	at(Place{Path: "/dev/ttyACM0", Chip: AutoReset}, p)
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
		if got := modems[1].did; !slices.Equal(got, []string{"HUPCL up", "DTR up", "DTR down", "DTR up"}) {
			t.Errorf("the lines went %q", got)
		}
	})
}

// DTR is moved only if that resets the board and the options allow it. Then the
// log has it; otherwise the alarm takes the place of the reset.
func TestPort_ResetsByDTROnlyWhereThatResets(t *testing.T) {
	yes, no := new(true), new(false)
	for name, c := range map[string]struct {
		chip       Chip
		reset, dtr *bool
		want       bool
	}{
		"auto reset":               {AutoReset, nil, nil, true},
		"auto reset, DTR wanted":   {AutoReset, nil, yes, true},
		"auto reset, DTR unwanted": {AutoReset, nil, no, false},
		"no reset on open":         {AutoReset, no, nil, false},
		"native":                   {NativeUSB, nil, nil, false},
		"native, resets":           {NativeUSB, yes, nil, true},
		"unknown":                  {UnknownChip, nil, nil, false},
		"unknown, resets":          {UnknownChip, yes, nil, true},
		"unknown, DTR unwanted":    {UnknownChip, yes, no, false},
		"on board":                 {OnBoardUART, nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var modems []*lines
				port, log := quiet(newRecorder(t), &modems)
				at(Place{Path: "/dev/ttyACM0", Chip: c.chip}, port)
				port.options.ResetOnOpen, port.options.DTR = c.reset, c.dtr
				p := start(t, port)
				time.Sleep(time.Minute)
				p.stop()
				if log.Count("board still silent") == 0 {
					t.Errorf("no alarm in:\n%s", log)
				}
				pulsed := slices.Contains(modems[1].did, "DTR down") && slices.Contains(modems[1].did, "DTR up")
				if pulsed != c.want || (log.Count("reset by DTR") == 1) != c.want {
					t.Errorf("the lines went %q, want a pulse: %v; the log:\n%s", modems[1].did, c.want, log)
				}
			})
		})
	}
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

func (h *slowHandler) FirstLine(at time.Time, line []byte) { h.Line(at, line) }

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

// A banner after a reopening leaves the device offline; lines that keep coming
// bring it back. Here the port is a real one.
func TestPort_StaysOfflineAfterABanner(t *testing.T) {
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	p := portOn(t, link, seen)
	p.options.BootTime = new(10 * time.Millisecond)
	p.watchdog.limit, p.options.Silence = 300*time.Millisecond, 300*time.Millisecond
	start(t, p)
	seen.expect("opened")
	board.print("\nt=1\n")
	seen.expect("ready", "line t=1", "silent")
	wantError(t, seen.expect("closed").err, errSilent)
	reopened := seen.expect("opened").at
	board.print("\ngreenhouse 1.0\n")
	seen.expect("line greenhouse 1.0")
	var e event
	for e.name != "ready" {
		board.print("t=2\n")
		select {
		case e = <-seen.events:
		case <-time.After(patience):
			t.Fatal("not ready")
		}
		if e.name != "ready" && e.text != "t=2" {
			t.Fatalf("event %q (%v)", e.name, e.err)
		}
		time.Sleep(10 * time.Millisecond) // the pace of the board
	}
	if took := e.at.Sub(reopened); took < 310*time.Millisecond {
		t.Errorf("ready after %v", took)
	}
}

// The alarm is the problem of the port until the board prints again, even if
// that is after a replug.
func TestPort_ClearsTheAlarm(t *testing.T) {
	for _, replug := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var modems []*lines
			port, _ := quiet(newRecorder(t), &modems)
			p := start(t, port)
			time.Sleep(time.Minute)
			synctest.Wait()
			if got := p.Stats().Problem; !strings.HasPrefix(got, "board still silent") || !strings.Contains(got, "(hint: ") {
				t.Errorf("problem %q", got)
			}
			if replug {
				close(modems[1].input)
				time.Sleep(3 * time.Second)
				synctest.Wait()
			}
			modems[len(modems)-1].input <- []byte("\nt=1\n")
			synctest.Wait()
			if got := p.Stats().Problem; got != "" {
				t.Errorf("problem %q after a replug (%v)", got, replug)
			}
			p.stop()
		})
	}
}
