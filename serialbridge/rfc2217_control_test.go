package serialbridge

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// The client moves DTR and RTS only as asked, also over a reopening. To
// Espressif's server DTR up is the order to enter the download mode.
func TestRFC2217_MovesOnlyTheLinesThatAreAsked(t *testing.T) {
	for name, c := range map[string]struct {
		dtr, reset *bool
		want       []byte
	}{
		"nothing":          {nil, nil, nil},
		"dtr: false":       {new(false), nil, []byte{rtsOff, dtrOff}},
		"dtr: true":        {new(true), nil, []byte{dtrOn}},
		"no reset on open": {nil, new(false), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := serveComPort(t, 9600)
			p, seen := s.open(func(p *Port) { p.options.DTR, p.options.ResetOnOpen = c.dtr, c.reset })
			seen.expect("ready")
			must(t, p.send(t.Context(), []byte("begin\n")))
			s.await("the line", func() bool { return string(s.data) == "begin\n" })
			s.hangUp()
			seen.expect("closed", "opened", "ready")
			must(t, p.send(t.Context(), []byte("end\n")))
			s.await("the line", func() bool { return string(s.data) == "begin\nend\n" })
			if got, want := s.lines(), slices.Concat(c.want, c.want); !slices.Equal(got, want) {
				t.Errorf("got the requests %v, want %v", got, want)
			}
			p.stop()
		})
	}
}

// A silent board behind a server is not reset by DTR unless the user says that it
// does that.
func TestRFC2217_DoesNotPulseDTRUnasked(t *testing.T) {
	for _, dtr := range []*bool{nil, new(false)} {
		s := serveComPort(t, 9600)
		p, seen := s.open(func(p *Port) {
			p.options.DTR, p.watchdog.limit = dtr, 50*time.Millisecond
		})
		seen.expect("closed", "opened")
		waitFor(t, "the alarm", func() bool { return p.Stats().Problem != "" })
		if got := s.lines(); slices.Contains(got, dtrOn) || slices.Contains(got, rtsOn) {
			t.Errorf("got the requests %v", got)
		}
		p.stop()
	}
}

// A line waits while the server suspends, and goes out whole afterwards.
func TestRFC2217_WaitsWhileSuspended(t *testing.T) {
	s := serveComPort(t, 9600)
	p, seen := s.open(func(p *Port) { p.options.Baud = maxBaud })
	seen.expect("ready")
	s.tell(append(suspends, "\nt=1\n"...)...)
	seen.expect("line t=1")

	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	wantError(t, p.send(short, []byte("late\n")), ErrAway)
	done := make(chan error, 1)
	go func() { done <- p.send(t.Context(), []byte("led=on\n")) }()
	s.tell([]byte("t=2\n")...)
	seen.expect("line t=2")
	select {
	case err := <-done:
		t.Fatalf("the write ended: %v", err)
	default:
	}
	s.tell(resumes...)
	must(t, <-done)
	s.await("the line", func() bool { return string(s.data) == "led=on\n" })
	p.stop()
}

// Commands wait for the end of a pause too, the last of each kind.
func TestRFC2217_HoldsCommandsWhileSuspended(t *testing.T) {
	s := serveComPort(t, 9600)
	raw, err := defaultDialer.open(t.Context(), s.url(), 9600)
	must(t, err)
	defer raw.Close()
	p := raw.(*rfc2217Port)
	read := func(until func() bool) {
		t.Helper()
		must(t, p.SetReadTimeout(20*time.Millisecond))
		for deadline := time.Now().Add(patience); !until(); {
			if _, err := p.Read(make([]byte, 16)); err != nil || time.Now().After(deadline) {
				t.Fatal("no such command came", err)
			}
		}
	}
	s.tell(suspends...)
	read(func() bool { return p.Suspended() != nil })
	must(t, errors.Join(p.SetBaud(19200), p.SetDTR(true), p.SetRTS(false), p.SetDTR(false), p.SetBaud(38400)))
	must(t, p.SetReadTimeout(20*time.Millisecond))
	_, err = p.Read(make([]byte, 16))
	must(t, err)
	if got := s.lines(); got != nil {
		t.Errorf("got %v while suspended", got)
	}
	s.tell(resumes...)
	read(func() bool { return p.Suspended() == nil })
	s.await("DTR down", s.asked(setControl, dtrOff))
	if got, want := s.rates(), []int{9600, 38400}; !slices.Equal(got, want) {
		t.Errorf("got the rates %v, want %v", got, want)
	}
	if got, want := s.lines(), []byte{rtsOff, dtrOff}; !slices.Equal(got, want) {
		t.Errorf("got the requests %v, want %v", got, want)
	}
}

// pausingPort suspends as a server does, in simulated time.
type pausingPort struct {
	*fakePort
	flow *rfc2217Port
}

func (p *pausingPort) Suspended() <-chan struct{} { return p.flow.Suspended() }

// A pause in the middle of a line lasts as long as its context and a write may
// take. Then the port is abandoned.
func TestLink_AbandonsALineInAPauseThatDoesNotEnd(t *testing.T) {
	for name, ends := range map[string]time.Duration{"ends late": 9 * time.Second, "does not end": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				raw := &pausingPort{newFakePort(), &rfc2217Port{}}
				raw.onWrite = func(b []byte) (int, error) {
					if len(b) == window {
						raw.flow.obey(true)
						time.AfterFunc(ends, func() { raw.flow.obey(false) })
					}
					return len(b), nil
				}
				l := newLink(raw, 9600, defaultTiming)
				ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
				defer cancel()
				began := time.Now()
				sent, begun, err := l.writeLine(ctx, make([]byte, window+1), nil)
				took := time.Since(began)
				switch ends {
				case time.Hour:
					if !errors.Is(err, errStuck) || !begun || sent != window || took != 10*time.Second {
						t.Errorf("%d bytes, begun %v, after %v: %v", sent, begun, took, err)
					}
				default:
					if err != nil || sent != window+1 || took != ends {
						t.Errorf("%d bytes after %v: %v", sent, took, err)
					}
				}
				time.Sleep(time.Hour) // until the timer of the test
				l.close(errUnplugged)
			})
		})
	}
}

// With Options.Baud 0 the rate of the server stays, and text at it ends the search.
func TestRFC2217_TakesTheRateOfTheServer(t *testing.T) {
	for name, c := range map[string]struct {
		own  int
		mute bool
		last int // known from an earlier run
		want []int
		baud int
	}{
		"its own":              {own: 9600, want: []int{0}, baud: 9600},
		"its own, slow":        {own: 2400, want: []int{0}, baud: 2400},
		"it does not know":     {own: 0, want: []int{0, FirstBaud}, baud: FirstBaud},
		"it does not answer":   {own: 9600, mute: true, want: []int{0, FirstBaud}, baud: FirstBaud},
		"known from last time": {own: 9600, last: 57600, want: []int{57600}, baud: 57600},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serveComPort(t, c.own)
			s.mu.Lock()
			s.mute = c.mute
			s.mu.Unlock()
			p, seen := s.open(func(p *Port) {
				p.options.Baud, p.search.known = 0, c.last
				d := defaultDialer
				d.negotiate = 400 * time.Millisecond
				p.open = d.open
			})
			s.tell([]byte("\nt=1,humidity=40\nt=2,humidity=41\nt=3,humidity=42\n")...)
			waitFor(t, "text", func() bool { return p.Stats().Baud == c.baud || c.last != 0 })
			seen.expect("ready")
			p.stop()
			s.await("the end", func() bool { return s.gone })
			if got := s.rates(); !slices.Equal(got, c.want) {
				t.Errorf("the client asked for %v, want %v", got, c.want)
			}
		})
	}
}

// Noise at the rate of the server begins a search; with no result, its rate is
// set again.
func TestBaudSearch_ReturnsToTheRateOfTheServer(t *testing.T) {
	u := baudSearch{tunable: true, own: 19200}
	at := time.Unix(0, 0)
	u.opened(0, at)
	u.begin(19200, at)
	for u.mode == searching {
		at = at.Add(dwell)
		u.hear([]byte{0, 0xff, 0x80, 0xfe, 1, 2, 3, 0x90, 0, 0xff, 0x80, 0xfe, 1, 2, 3, 0x90, 0, 0xff, 0x80, 0xfe, 1, 2, 3, 0x90, 0, 1, 2, 3, 4, 5, 6, 7, 8}, at)
	}
	if u.rate != 19200 {
		t.Errorf("rests at %d", u.rate)
	}
}
