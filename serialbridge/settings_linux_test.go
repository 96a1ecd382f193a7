package serialbridge

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"arduino-gateway/internal/programtest"
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

// Only the settings of a driver are those of a new port.
func TestLikeNew_KnowsTheSettingsOfDrivers(t *testing.T) {
	fresh := func(rate uint32, change func(*unix.Termios)) unix.Termios {
		s := unix.Termios{Iflag: newIflag, Oflag: newOflag, Lflag: newLflag, Cflag: newCflag | unix.B9600, Ispeed: rate, Ospeed: rate}
		s.Cc[unix.VMIN] = 1
		change(&s)
		return s
	}
	for name, c := range map[string]struct {
		settings unix.Termios
		pty      bool
		want     bool
	}{
		"serial_core, usb-serial, cdc_acm": {fresh(9600, func(s *unix.Termios) { s.Cflag |= unix.HUPCL | unix.CLOCAL }), false, true},
		"cypress_m8":                       {fresh(4800, func(s *unix.Termios) { s.Cflag |= unix.HUPCL | unix.CLOCAL }), false, true},
		"with stty -hupcl by udev":         {fresh(9600, func(*unix.Termios) {}), false, true},
		"stty 115200":                      {fresh(115200, func(*unix.Termios) {}), false, false},
		"stty 1200":                        {fresh(1200, func(*unix.Termios) {}), false, false},
		"raw at 9600, as pyserial":         {fresh(9600, func(s *unix.Termios) { s.Iflag, s.Oflag, s.Lflag = 0, 0, 0 }), false, false},
		"8E1":                              {fresh(9600, func(s *unix.Termios) { s.Cflag |= unix.PARENB }), false, false},
		"with a read timeout":              {fresh(9600, func(s *unix.Termios) { s.Cc[unix.VTIME] = 5 }), false, false},
		"pppd":                             {fresh(9600, func(s *unix.Termios) { s.Line = 3 }), false, false},
		"a pty":                            {fresh(38400, func(*unix.Termios) {}), true, true},
		"a virtual board":                  {fresh(38400, func(s *unix.Termios) { s.Iflag, s.Oflag, s.Lflag = 0, 0, 0 }), true, true},
		"simulated firmware":               {fresh(0, func(s *unix.Termios) { s.Iflag, s.Oflag, s.Lflag = 0, 0, 0 }), true, true},
		"a pty in use":                     {fresh(115200, func(s *unix.Termios) { s.Iflag, s.Oflag, s.Lflag = 0, 0, 0 }), true, false},
	} {
		if got := likeNew(c.settings, c.pty); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A port with settings of another program is left as it is, once and again. What
// a Port of ours has left does not count just after its close.
func TestPort_YieldsToAnotherProgram(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	p := portOn(t, link, newRecorder(t))
	p.options.Yield = true
	p.open = dialer{yields: true}.open
	before := setAs(t, board.slave, 57600, 0)
	for range 2 {
		wantError(t, p.Run(t.Context()), errDoubtful)
		if got := settingsOf(t, board.slave); got != before {
			t.Errorf("settings\n%+v, before\n%+v", got, before)
		}
	}
	seen := newRecorder(t)
	named := start(t, portOn(t, link, seen))
	seen.expect("opened")
	named.stop()
	seen = newRecorder(t)
	next := portOn(t, link, seen)
	next.options.Yield, next.open = true, p.open
	start(t, next)
	seen.expect("opened")
}

// The lock file of a running program keeps a port closed; with Yield that ends Run.
func TestPort_HonoursLockFiles(t *testing.T) {
	link := linkIn(t)
	board := plug(t, link)
	programtest.Use(t, board.slave.Name(), programtest.LockFile)
	_, err := openPort(link, 9600)
	wantError(t, err, ErrInUse)
	if !strings.Contains(err.Error(), "by perl (pid ") {
		t.Errorf("error %q", err)
	}
	p := portOn(t, link, newRecorder(t))
	p.options.Yield = true
	wantError(t, p.Run(t.Context()), ErrInUse)
}

// The lock file lasts as long as the lock. This is not a real port: a pty gets none.
func TestPortLock_WritesALockFile(t *testing.T) {
	root := t.TempDir()
	device := filepath.Join(root, "dev/ttyS0")
	for _, folder := range []string{"dev", "run/lock"} {
		must(t, os.MkdirAll(filepath.Join(root, folder), 0o755))
	}
	must(t, os.WriteFile(device, nil, 0o600))
	lock, err := lockPort(device)
	must(t, err)
	must(t, lock.claim(root))
	file := filepath.Join(root, "run/lock/LCK..ttyS0")
	if text, err := os.ReadFile(file); err != nil || strings.TrimSpace(string(text)) != strconv.Itoa(os.Getpid()) {
		t.Errorf("lock file %q, %v", text, err)
	}
	must(t, lock.release())
	if _, err := os.Stat(file); err == nil {
		t.Error("the lock file is left")
	}
}
