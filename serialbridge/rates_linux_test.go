package serialbridge

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/ser2nettest"
)

// speeds records each rate that is set on a pty, as its other end sees it.
type speeds struct {
	mu   sync.Mutex
	all  []uint32 // each change
	stop chan struct{}
	done chan struct{}
}

// recordSpeeds looks far more often than a search changes the rate.
func recordSpeeds(t *testing.T, terminal *os.File) *speeds {
	t.Helper()
	s := &speeds{stop: make(chan struct{}), done: make(chan struct{})}
	fd := int(terminal.Fd())
	go func() {
		defer close(s.done)
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for {
			if now, err := unix.IoctlGetTermios(fd, getTermios); err == nil {
				s.note(now.Ospeed)
			}
			select {
			case <-ticker.C:
			case <-s.stop:
				return
			}
		}
	}()
	t.Cleanup(s.end)
	return s
}

func (s *speeds) end() {
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	<-s.done
}

func (s *speeds) note(rate uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) == 0 || s.all[len(s.all)-1] != rate {
		s.all = append(s.all, rate)
	}
}

func (s *speeds) seen() []uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.all)
}

// awaitSlow waits until a slow rate is set that is not the first.
func (s *speeds) awaitSlow(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(2 * patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if all := s.seen(); len(all) > 2 && all[len(all)-1] < SlowestSafe {
			return
		}
	}
	t.Fatalf("no slow rate among %d", s.seen())
}

// noise prints no text until the test ends.
func (b *board) noise(t *testing.T) {
	ticker := time.NewTicker(20 * time.Millisecond)
	done := make(chan struct{})
	stop := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-ticker.C:
				b.master.Write([]byte{0x80, 0x01, 0xf8, 0x00})
			case <-stop:
				return
			}
		}
	}()
	t.Cleanup(func() { ticker.Stop(); close(stop); <-done })
}

// ratedFinder finds a port with these rates.
type ratedFinder struct {
	Finder
	rates Rates
}

func (f ratedFinder) Find() (Place, error) {
	place, err := f.Finder.Find()
	place.Rates = f.rates
	return place, err
}

// A whole search on a real terminal sets no rate below 4800 unless the port takes
// all of them, with and without baud: auto, and leaves none behind.
func TestPort_SetsNoSlowRateInASearch(t *testing.T) {
	for _, c := range []struct {
		rates   Rates
		baud    int
		slowest uint32
	}{
		{CarefulRates, 0, 4800}, {CarefulRates, 115200, 4800}, {FastRates, 0, 4800}, {FastRates, 9600, 4800},
		{NoRates, 0, 115200}, {NoRates, 1200, 115200}, {NoRates, 9600, 115200}, {AllRates, 0, 1200}, {AllRates, 115200, 1200},
	} {
		link := linkIn(t)
		b, seen := plug(t, link), newRecorder(t)
		setAs(t, b.slave, 115200, 0)
		recorded := recordSpeeds(t, b.slave)
		b.noise(t)
		p := portOn(t, link, seen)
		p.options.Baud = c.baud
		p.finder = ratedFinder{p.finder, c.rates}
		r := start(t, p)
		defer func() { // when all have begun
			awaitProblem(t, p)
			r.stop()
			recorded.end()
			if got := slices.Min(recorded.seen()); got != c.slowest {
				t.Errorf("%+v: rates %d were set", c, recorded.seen())
			}
			if got := settingsOf(t, b.slave).Ospeed; got != 115200 {
				t.Errorf("%+v: left at %d", c, got)
			}
		}()
	}
}

// awaitProblem waits until the port has a problem, such as that no search helps.
func awaitProblem(t *testing.T, p *Port) {
	t.Helper()
	for end := time.Now().Add(2 * patience); p.Stats().Problem == ""; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no problem is reported")
		}
	}
}

// A port that is closed at a slow rate is at another one then: at a stop, and
// after an error. The rate from before is one that is not put back.
func TestPort_LeavesNoSlowRateAtTheClose(t *testing.T) {
	for _, baud := range []int{0, 1200} {
		t.Run(fmt.Sprint(baud), func(t *testing.T) {
			t.Parallel()
			link := linkIn(t)
			b, seen := plug(t, link), newRecorder(t)
			setAs(t, b.slave, 1200, 0)
			p := portOn(t, link, seen)
			p.options.Baud = baud
			p.finder = ratedFinder{p.finder, AllRates}
			r := start(t, p)
			seen.expect("opened")
			if baud == 0 {
				recorded := recordSpeeds(t, b.slave)
				b.noise(t)
				recorded.awaitSlow(t)
			}
			r.stop()
			if got := settingsOf(t, b.slave).Ospeed; got < SlowestSafe {
				t.Errorf("left at %d", got)
			}
		})
	}
	link := linkIn(t)
	b := plug(t, link)
	setAs(t, b.slave, 1200, 0)
	port, err := openPort(link, 2400)
	must(t, err)
	must(t, port.Close())
	if got := settingsOf(t, b.slave).Ospeed; got < SlowestSafe {
		t.Errorf("an open without a session left %d", got)
	}
}

// A slow rate that is an order is not set even if the user asks for it: the port
// stays closed, and the status says why.
func TestPort_RefusesASlowRateThatIsAnOrder(t *testing.T) {
	link := linkIn(t)
	b, seen := plug(t, link), newRecorder(t)
	setAs(t, b.slave, 19200, 0)
	recorded := recordSpeeds(t, b.slave)
	p := portOn(t, link, seen)
	p.options.Baud = 1200
	p.finder = ratedFinder{p.finder, FastRates}
	start(t, p)
	awaitProblem(t, p)
	if want := "port not opened at this baud rate: below 4800 baud is an order to many boards, such as to erase the sketch: 1200" +
		" (hint: use a faster rate in the sketch's Serial.begin, and set baud to it)"; p.Stats().Problem != want || p.Stats().Opens > 0 {
		t.Errorf("%d opens, problem %q", p.Stats().Opens, p.Stats().Problem)
	}
	if got := recorded.seen(); !slices.Equal(got, []uint32{19200}) {
		t.Errorf("rates %d were set", got)
	}
}

// No slow rate stays at a real ser2net either, and a search tries none there: the
// board behind it is unknown.
func TestPort_LeavesNoSlowRateAtAServer(t *testing.T) {
	for baud, slowest := range map[int]uint32{1200: 1200, 0: SlowestSafe} {
		b, seen := plug(t, linkIn(t)), newRecorder(t)
		setAs(t, b.slave, 115200, 0)
		recorded := recordSpeeds(t, b.slave)
		p := remotePort(t, "rfc2217://"+ser2nettest.Start(t, ser2nettest.RFC2217, b.slave.Name()).Addr(), seen)
		p.options.Baud = baud
		r := start(t, p)
		seen.expect("opened")
		if baud == 0 {
			b.noise(t)
			awaitProblem(t, p)
		}
		r.stop()
		for end := time.Now().Add(patience); settingsOf(t, b.slave).Ospeed < SlowestSafe; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("baud %d: left at a slow rate: %d", baud, recorded.seen())
			}
		}
		if got := slices.Min(recorded.seen()); got != slowest {
			t.Errorf("baud %d: rates %d were set", baud, recorded.seen())
		}
	}
}
