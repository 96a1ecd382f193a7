package serialbridge

import (
	"errors"
	"io/fs"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// testFinder is a Finder whose answer a test can change.
type testFinder struct {
	place    atomic.Pointer[Place] // nil: away
	err      error                 // instead of fs.ErrNotExist
	changed  chan struct{}
	released atomic.Int64
}

func (f *testFinder) Find() (Place, error) {
	if place := f.place.Load(); place != nil {
		return *place, nil
	}
	if f.err != nil {
		return Place{}, f.err
	}
	return Place{}, fs.ErrNotExist
}

func (f *testFinder) Changed() <-chan struct{} { return f.changed }
func (f *testFinder) Release()                 { f.released.Add(1) }

func newFinding(place *Place) *testFinder {
	f := &testFinder{changed: make(chan struct{}, 1)}
	f.place.Store(place)
	return f
}

// at sets a Finder on the Port that always finds this place.
func at(place Place, p *Port) *Port {
	p.finder = newFinding(&place)
	return p
}

// A board that was away for a day is opened the moment it is announced, even
// if the first attempt is too early for udev.
func TestPort_OpensWhenTheFinderWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen, finder := newRecorder(t), newFinding(nil)
		p := fakes(seen, func() (rawPort, error) { return newFakePort(), nil })
		p.finder = finder
		running := start(t, p)
		time.Sleep(24 * time.Hour)

		finder.changed <- struct{}{} // too early: only the node exists
		synctest.Wait()
		finder.place.Store(&Place{Path: "/dev/ttyUSB7"})
		back := time.Now()
		if took := seen.expect("opened").at.Sub(back); took > 500*time.Millisecond {
			t.Errorf("opened after %v", took)
		}
		running.stop()
		seen.expect("closed")
		if n := finder.released.Load(); n != 1 {
			t.Errorf("released %d times", n)
		}
	})
}

// Another board that comes and goes must not make the loop spin.
func TestPort_DoesNotSpinOnWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		finder, finds := newFinding(nil), 0
		p := fakes(newRecorder(t), nil)
		p.finder = counted{finder, &finds}
		start(t, p)
		for range 60 {
			time.Sleep(time.Second)
			finder.changed <- struct{}{}
		}
		synctest.Wait()
		if finds > 60*5 {
			t.Errorf("%d attempts in a minute", finds)
		}
	})
}

type counted struct {
	*testFinder
	finds *int
}

func (c counted) Find() (Place, error) { *c.finds++; return c.testFinder.Find() }

type ambiguous struct{ error }

func (ambiguous) State() string { return "not certain" }
func (ambiguous) Hint() string  { return "write the other" }

// The log shows the state and the hint of a Finder's error.
func TestPort_LogsTheWordsOfTheFinder(t *testing.T) {
	v := classify(ambiguous{errors.New("two")})
	if v.state != "not certain" || v.hint != "write the other" || v.fatal {
		t.Errorf("%+v", v)
	}
}

// lines is a fakePort that records what is done to its modem lines.
type lines struct {
	*fakePort
	did []string
	err error
}

func (l *lines) note(what string, on bool) error {
	if on {
		what += " up"
	} else {
		what += " down"
	}
	l.did = append(l.did, what)
	return l.err
}

func (l *lines) SetDTR(up bool) error    { return l.note("DTR", up) }
func (l *lines) SetRTS(up bool) error    { return l.note("RTS", up) }
func (l *lines) SetHangUp(on bool) error { return l.note("HUPCL", on) }
