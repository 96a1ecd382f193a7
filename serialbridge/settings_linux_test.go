package serialbridge

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// settingsOf returns the settings of a pty.
func settingsOf(t *testing.T, terminal *os.File) unix.Termios {
	t.Helper()
	settings, err := unix.IoctlGetTermios(int(terminal.Fd()), getTermios)
	must(t, err)
	return *settings
}

// setAs gives a pty settings that no part of the gateway makes.
func setAs(t *testing.T, terminal *os.File, rate uint32, flags uint32) unix.Termios {
	t.Helper()
	settings := settingsOf(t, terminal)
	settings.Cflag = settings.Cflag&^(unix.CBAUD|unix.CIBAUD|unix.HUPCL) | unix.BOTHER | flags
	settings.Ispeed, settings.Ospeed = rate, rate
	settings.Iflag = unix.IXON | unix.IGNCR
	settings.Lflag = unix.ICANON | unix.ECHO
	settings.Cc[unix.VMIN], settings.Cc[unix.VTIME] = 7, 3
	must(t, unix.IoctlSetTermios(int(terminal.Fd()), setTermios, &settings))
	return settingsOf(t, terminal)
}

// A stop puts back the settings that the port had, rate and HUPCL too.
func TestPort_PutsTheSettingsBackAtAStop(t *testing.T) {
	for _, hangUp := range []uint32{0, unix.HUPCL} {
		link := linkIn(t)
		board, seen := plug(t, link), newRecorder(t)
		before := setAs(t, board.slave, 74880, hangUp|unix.CSTOPB)
		p := portOn(t, link, seen)
		p.finder = chipFinder{p.finder, AutoReset} // which sets HUPCL
		r := start(t, p)
		seen.expect("opened")
		if settingsOf(t, board.slave) == before {
			t.Error("the port is open with settings of others")
		}
		r.stop()
		if got := settingsOf(t, board.slave); got != before {
			t.Errorf("after the stop\n%+v, before\n%+v", got, before)
		}
	}
}

// chipFinder finds another chip.
type chipFinder struct {
	Finder
	chip Chip
}

func (f chipFinder) Find() (Place, error) {
	place, err := f.Finder.Find()
	place.Chip = f.chip
	return place, err
}

// A port that is closed at once, or hangs, has its settings back too.
func TestPort_PutsTheSettingsBackAfterErrors(t *testing.T) {
	link := linkIn(t)
	board, seen := plug(t, link), newRecorder(t)
	before := setAs(t, board.slave, 19200, 0)
	port, err := openPort(link, 9600)
	must(t, err)
	must(t, port.Close())
	if got := settingsOf(t, board.slave); got != before {
		t.Errorf("after an open without a session\n%+v, before\n%+v", got, before)
	}
	p := portOn(t, link, seen)
	p.times.retry = backoff{min: patience, max: patience} // so that it stays closed
	start(t, p)
	seen.expect("opened")
	board.print("\nt=1\n")
	seen.expect("ready", "line t=1")
	for err = nil; err == nil; { // the board reads nothing
		err = p.send(t.Context(), make([]byte, 1<<10))
	}
	wantError(t, seen.expect("closed").err, errStuck)
	if got := settingsOf(t, board.slave); got != before {
		t.Errorf("after a hang\n%+v, before\n%+v", got, before)
	}
}

// With ResetOnOpen, HUPCL stays as the user wants it. The next Port without it
// knows what was there before.
func TestPort_LeavesHangUpAsWished(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	before := setAs(t, board.slave, 9600, unix.HUPCL)
	for _, c := range []struct {
		wish *bool
		want bool // HUPCL after the stop
	}{{new(false), false}, {nil, true}, {new(false), false}, {new(false), false}, {new(true), true}, {nil, true}} {
		seen := newRecorder(t)
		p := portOn(t, link, seen)
		p.options.ResetOnOpen = c.wish
		r := start(t, p)
		seen.expect("opened")
		r.stop()
		got := settingsOf(t, board.slave)
		if is := got.Cflag&unix.HUPCL != 0; is != c.want {
			t.Errorf("wish %v: HUPCL %v", c.wish, is)
		}
		if got.Cflag |= unix.HUPCL; got != before {
			t.Errorf("wish %v: beside HUPCL\n%+v, before\n%+v", c.wish, got, before)
		}
	}
}

// A rate that is an order to some boards is not put back.
func TestRestored_LeavesOutRatesThatAreOrders(t *testing.T) {
	at := func(rate uint32) unix.Termios {
		return unix.Termios{Cflag: unix.BOTHER | unix.CS8, Ispeed: rate, Ospeed: rate, Lflag: unix.ECHO}
	}
	for _, c := range []struct{ before, now, want uint32 }{
		{1200, 115200, 115200}, {2400, 9600, 9600}, {0, 9600, 9600}, {4800, 9600, 4800}, {9600, 115200, 9600},
	} {
		if got := restored(at(c.before), at(c.now), false); got != at(c.want) {
			t.Errorf("%d, then %d: left at %d", c.before, c.now, got.Ospeed)
		}
	}
}
