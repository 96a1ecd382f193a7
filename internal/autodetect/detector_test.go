//go:build linux

package autodetect

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/logtest"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/portstest"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/serialbridge"
	"arduino-gateway/simulator"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 20 * time.Second

func summed(text string) string { return fmt.Sprintf("%s ~%04X", text, protocol.Sum([]byte(text))) }

func saysHello(id string) []string {
	return []string{summed("!hello " + id + " protocol=1 library=0.2.0 parts=1"), summed("!reading 1/1 n"),
		summed("!state session=0000 last=0 input=63 taken=0")}
}

// rig is a detector with a folder of virtual boards.
type rig struct {
	*Detector
	t    *testing.T
	dir  string
	root string // of the machine
	log  logtest.Log
}

func newRig(t *testing.T, change func(*Detector)) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), root: t.TempDir()}
	r.Detector = New(Options{Tracker: ports.NewTracker(ports.Machine{Root: r.root}, slog.New(slog.DiscardHandler)),
		PortOptions: func(port ports.Port, lease *ports.Lease) serialbridge.Options {
			return serialbridge.Options{Device: port.Path, Port: port.Value, Finder: place{lease}}
		}, Log: slog.New(slog.NewTextHandler(io.MultiWriter(&r.log, t.Output()), nil))})
	change(r.Detector)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

type place struct{ *ports.Lease }

func (p place) Find() (serialbridge.Place, error) {
	port, err := p.Lease.Find()
	return serialbridge.Place{Path: port.Path}, err
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) plug(spec simulator.Spec) *simulator.Board {
	r.t.Helper()
	spec.Link = r.path(spec.Name)
	return simulator.New(r.t, spec)
}

// everywhere returns the scope of all its boards, except those that are claimed.
func (r *rig) everywhere(claimed ...string) Scope {
	return Scope{On: true, Patterns: []string{r.path("*")}, Claimed: claimed}
}

func (r *rig) await() Detection {
	r.t.Helper()
	select {
	case f := <-r.Detected():
		return f
	case <-time.After(patience):
		r.t.Fatal("no board was found")
		return Detection{}
	}
}

func (r *rig) awaitNone(board *simulator.Board) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	if err := board.WaitOpen(ctx); err != nil {
		r.t.Fatal(err)
	}
	if err := board.WaitClosed(ctx); err != nil {
		r.t.Fatal("the port is not closed again: ", err)
	}
	select {
	case f := <-r.Detected():
		r.t.Errorf("found %s", f.ID)
	default:
	}
}

func texts(lines []hello.Line) (all []string) {
	for _, l := range lines {
		all = append(all, string(l.Text))
	}
	return all
}

// A board that identifies itself at its boot is detected, with what it printed.
func TestDetector_DetectsAHelloAtBoot(t *testing.T) {
	r := newRig(t, func(*Detector) {})
	r.SetScope(t.Context(), r.everywhere())
	board := r.plug(simulator.Spec{Name: "uno", ResetOnOpen: true, Boot: 100 * time.Millisecond, Every: 20 * time.Millisecond,
		Banner: append([]string{"Booting, and some text that makes it clear that these are letters"}, saysHello("greenhouse")...), Line: summed("n=1")})
	f := r.await()
	if f.ID != "greenhouse" || f.Port != r.path("uno") || f.Baud != serialbridge.FirstBaud || f.Opened.IsZero() {
		t.Errorf("found %+v", f)
	}
	for i, line := range f.Lines {
		if line.At.Before(f.Opened) || i > 0 && line.At.Before(f.Lines[i-1].At) {
			t.Errorf("line %d was read at %v, the port opened at %v", i, line.At, f.Opened)
		}
	}
	if err := board.WaitClosed(t.Context()); err != nil {
		t.Error(err)
	}
}

// A board that is running already is asked for its hello, and what it prints until
// then is kept.
func TestDetector_AsksForTheHello(t *testing.T) {
	r := newRig(t, func(*Detector) {})
	board := r.plug(simulator.Spec{Name: "uno", Every: 50 * time.Millisecond, Line: summed("n=1")})
	r.SetScope(t.Context(), r.everywhere())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		line, err := board.Received(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(line, "?") {
			break
		}
		if line != "" {
			t.Errorf("it was written %q", line)
		}
	}
	for _, line := range saysHello("tank") {
		board.Println(line)
	}
	f := r.await()
	if f.ID != "tank" || !slices.Contains(texts(f.Lines), summed("n=1")) || !slices.Contains(texts(f.Lines), saysHello("tank")[0]) {
		t.Errorf("found %s with %q", f.ID, texts(f.Lines))
	}
}

// Nothing is written to a board that only prints lines. Its port is not opened again
// until it is replugged, or Retry is called.
func TestDetector_IgnoresAPlainSketch(t *testing.T) {
	r := newRig(t, func(d *Detector) { d.timeout = 300 * time.Millisecond })
	board := r.plug(simulator.Spec{Name: "uno", Every: 20 * time.Millisecond, Line: "temperature=23.5"})
	r.SetScope(t.Context(), r.everywhere())
	r.awaitNone(board)
	r.Retry("elsewhere") // is not its port
	r.Retry()
	r.awaitNone(board)
	board.Unplug()
	board.Replug()
	r.awaitNone(board)
	r.SetScope(t.Context(), r.everywhere()) // changes nothing
	r.SetScope(t.Context(), Scope{})
	if got := board.Stats(); got.ReceivedLines+got.Lost != 0 || got.Opens != 3 {
		t.Errorf("it was written to, or not opened three times: %+v", got)
	}
}

// If any board is wanted, one that only prints lines is detected with all its lines,
// also one that was ignored before. Nothing is written to it.
func TestDetector_DetectsAPlainSketchIfWanted(t *testing.T) {
	r := newRig(t, func(d *Detector) { d.timeout = 3 * time.Second })
	board := r.plug(simulator.Spec{Name: "uno", Every: 20 * time.Millisecond, Line: "temperature=23.5"})
	scope := r.everywhere()
	r.SetScope(t.Context(), scope)
	r.awaitNone(board)
	scope.Any = true
	r.SetScope(t.Context(), scope)
	f := r.await()
	if !f.Plain || f.ID != "" || f.Port != r.path("uno") || f.Baud != serialbridge.FirstBaud {
		t.Errorf("found %q, plain %v, at %s with %d baud", f.ID, f.Plain, f.Port, f.Baud)
	}
	if len(f.Lines) == 0 || string(f.Lines[0].Text) != "temperature=23.5" || f.Lines[0].At.Before(f.Opened) {
		t.Errorf("with %d lines", len(f.Lines))
	}
	if got := board.Stats(); got.ReceivedLines+got.Lost != 0 || got.Opens != 2 {
		t.Errorf("it was written to, or not opened twice: %+v", got)
	}
}

// What is not a board is never opened, and logged once, like a pattern without a port.
func TestDetector_LeavesAloneWhatIsNotABoard(t *testing.T) {
	r := newRig(t, func(*Detector) {})
	stick := r.plug(simulator.Spec{Name: "stick", Hello: "stick", Every: 50 * time.Millisecond})
	board := r.plug(simulator.Spec{Name: "uno", Hello: "greenhouse", Every: 50 * time.Millisecond})
	product := portstest.Board{VID: "10c4", PID: "ea60", Manufacturer: "Nabu Casa", Product: "SkyConnect v1.0", Driver: "cp210x"}
	for socket, b := range map[string]struct {
		portstest.Board
		node string
	}{"1-1": {product, "ttyUSB0=" + stick.Path()}, "1-2": {portstest.Boards["nano-clone"], "ttyUSB1=" + board.Path()}} {
		if err := portstest.Plug(r.root, socket, b.Board, b.node); err != nil {
			t.Fatal(err)
		}
	}
	r.SetScope(t.Context(), Scope{On: true, Patterns: []string{"usb:*", "usb:dead:*"}})
	if f := r.await(); f.ID != "greenhouse" {
		t.Errorf("found %+v", f)
	}
	if n := r.log.Count("port left alone: it is a Zigbee adapter", "port=usb-path:1-1"); n != 1 {
		t.Errorf("logged %d times", n)
	}
	if n := r.log.Count("no port matches this pattern of auto now", "usb:dead:*"); n != 1 {
		t.Errorf("the pattern is logged %d times", n)
	}
	if got := stick.Stats().Opens; got != 0 {
		t.Errorf("opened %d times", got)
	}
}

// A port whose lock file another program has is probed as soon as that has ended.
func TestDetector_WaitsForALockFile(t *testing.T) {
	r := newRig(t, func(d *Detector) { d.heldEvery = 20 * time.Millisecond })
	board := r.plug(simulator.Spec{Name: "uno", Hello: "greenhouse", Every: 50 * time.Millisecond})
	device, err := filepath.EvalSymlinks(board.Path())
	if err != nil {
		t.Fatal(err)
	}
	other := exec.Command("sleep", "1000")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	file := "/run/lock/LCK..pts_" + filepath.Base(device)
	t.Cleanup(func() { _ = os.Remove(file) })
	if err := os.WriteFile(file, fmt.Appendln(nil, other.Process.Pid), 0o644); err != nil {
		t.Fatal(err)
	}
	r.SetScope(t.Context(), r.everywhere())
	r.log.Await(t, "ignored while another program has the port open")
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	if f := r.await(); f.ID != "greenhouse" {
		t.Errorf("found %+v", f)
	}
}

// An upload is not disturbed, and the board is detected after it.
func TestDetector_WaitsForAPortInUse(t *testing.T) {
	r := newRig(t, func(d *Detector) { d.heldEvery = 20 * time.Millisecond })
	board := r.plug(simulator.Spec{Name: "uno", Hello: "greenhouse", Every: 50 * time.Millisecond})
	for file, text := range map[string]string{"run/lock/LCK..uno": "42", "proc/42/comm": "avrdude"} {
		if err := portstest.Write(r.root, file, text); err != nil {
			t.Fatal(err)
		}
	}
	r.SetScope(t.Context(), r.everywhere())
	r.log.Await(t, r.path("uno"), "another program has the port open", "avrdude (pid 42)")
	if got := board.Stats().Opens; got != 0 {
		t.Errorf("opened %d times before", got)
	}
	if err := os.Remove(filepath.Join(r.root, "run/lock/LCK..uno")); err != nil {
		t.Fatal(err)
	}
	if f := r.await(); f.ID != "greenhouse" {
		t.Errorf("found %q", f.ID)
	}
}

// The log says in words why no board was detected on a port.
func TestDetector_LogsWhyABoardIsIgnored(t *testing.T) {
	r := newRig(t, func(d *Detector) { d.timeout = 4 * time.Second })
	const every = 50 * time.Millisecond
	if err := os.WriteFile(r.path("file"), nil, 0o600); err != nil { // not a port
		t.Fatal(err)
	}
	r.plug(simulator.Spec{Name: "future", Every: every, Line: summed("!hello x protocol=9 library=9 parts=0")})
	r.plug(simulator.Spec{Name: "deaf", Every: every, Line: summed("n=1")})
	r.plug(simulator.Spec{Name: "crooked", Every: every, Line: "n=1 ~0000"})
	r.plug(simulator.Spec{Name: "plain", Every: every, Line: "n=1"})
	r.plug(simulator.Spec{Name: "mute", Every: time.Hour})
	if err := os.Symlink("/dev/zero", r.path("zero")); err != nil {
		t.Fatal(err)
	}
	r.SetScope(t.Context(), r.everywhere())
	for name, why := range map[string]string{
		"future":  "the board speaks version 9 of the protocol",
		"deaf":    "its hello is never complete",
		"crooked": `its lines are damaged, such as \"n=1 ~0000\"`,
		"plain":   `its lines have no checksum, such as \"n=1\"`,
		"mute":    "it prints no line",
		"zero":    "port not usable as a serial port",
	} {
		r.log.Await(t, "ignored until replugged: no board identified itself", r.path(name), why)
	}
	if text := r.log.String(); strings.Contains(text, r.path("file")) {
		t.Error("a file that is not a port was opened")
	}
}

// A board that is unplugged while it is read is opened again, and not logged as ignored.
func TestDetector_ReopensAfterALooseCable(t *testing.T) {
	r := newRig(t, func(*Detector) {})
	r.SetScope(t.Context(), r.everywhere())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	board := r.plug(simulator.Spec{Name: "uno", Every: 50 * time.Millisecond, Line: "n=1"})
	for range 3 {
		if err := board.WaitOpen(ctx); err != nil {
			t.Fatal(err)
		}
		board.Unplug()
		board.Replug()
		r.changed.Set() // as the watcher would
	}
	if err := board.WaitOpen(ctx); err != nil {
		t.Fatal(err)
	}
	if n := r.log.Count("opening the port"); n != 4 || r.log.Count("ignored") > 0 {
		t.Errorf("told %d times:\n%s", n, r.log.String())
	}
}

// heard returns a listener that was given lines, each as many seconds after the open as
// stand before it, and whether it has heard enough.
func heard(any bool, lines ...string) (l *listener, enough bool) {
	l = newListener(Timeout, any, func() { enough = true })
	defer l.shut.Stop()
	open := time.Now()
	l.Opened(open)
	for _, line := range lines {
		second, text, _ := strings.Cut(line, " ")
		after, _ := time.ParseDuration(second)
		l.Line(open.Add(after), []byte(text))
	}
	return l, enough
}

// A board counts as plain if it goes on printing lines without checksums.
func TestListener_TellsPlainBoardsFromOthers(t *testing.T) {
	wrong := "9s n=1 ~0000"
	for name, c := range map[string]struct {
		any           bool
		lines         []string
		plain, enough bool
		kept          int
	}{
		"it goes on printing":       {true, []string{"2s n=1", "4s n=2", "7s n=3"}, true, true, 3},
		"not for long enough":       {true, []string{"4s n=1", "8s n=2"}, true, false, 2},
		"one word":                  {true, []string{"2s Hello"}, true, false, 1},
		"nothing":                   {true, nil, false, false, 0},
		"a hello after all":         {true, []string{"2s Scanning", "4s " + saysHello("tank")[0], "9s n=1"}, false, false, 1},
		"readings with checksums":   {true, []string{"2s " + summed("n=1"), "9s " + summed("n=2")}, false, false, 2},
		"its checksums are damaged": {true, []string{"2s n=1", wrong, "20s n=1"}, false, false, 3},
		"it is not wanted":          {false, []string{"2s n=1", "9s n=2"}, false, false, 0},
	} {
		l, enough := heard(c.any, c.lines...)
		if l.plain() != c.plain || enough != c.enough || len(l.kept.Lines) != c.kept {
			t.Errorf("%s: plain %v, enough %v, kept %q", name, l.plain(), enough, texts(l.kept.Lines))
		}
	}
	l, _ := heard(true, "2s n=1")
	l.Closed(time.Now(), io.ErrUnexpectedEOF)
	if l.plain() {
		t.Error("a board that was unplugged is one that only prints lines")
	}
}

// A port that is lost is not opened again by the same probe.
func TestListener_EndsWithALostPort(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	l := newListener(Timeout, false, end)
	l.Opened(time.Now())
	l.Line(time.Now(), []byte(summed("n=1")))
	l.Closed(time.Now(), io.ErrUnexpectedEOF)
	l.Ask(ctx, nil)
	if why, _ := l.why(""); why != "the port was lost" {
		t.Error(why)
	}
}

// A port that cannot be opened takes no longer than a silent one.
func TestListener_EndsIfThePortDoesNotOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ctx, end := context.WithCancel(t.Context())
		newListener(Timeout, false, end).Ask(ctx, nil)
		if took := time.Since(begin); took != Timeout {
			t.Errorf("given up after %v", took)
		}
	})
}

// Lines that do not fit in memory are counted. Of a board with checksums, only lines
// with one are kept.
func TestListener_CountsDroppedLines(t *testing.T) {
	l := newListener(Timeout, false, func() {})
	l.Opened(time.Now())
	const many = 10_000
	for n := range many {
		l.Line(time.Now(), []byte("x"))
		l.Line(time.Now(), []byte(summed(fmt.Sprint("n=", n))))
	}
	kept := l.kept.Lines
	if last := string(kept[len(kept)-1].Text); l.dropped == 0 || l.dropped+uint64(len(kept)) != many || last != summed(fmt.Sprint("n=", many-1)) {
		t.Errorf("%d kept, %d dropped, the last is %q", len(kept), l.dropped, last)
	}
	l = newListener(Timeout, true, func() {})
	for range many {
		l.Line(time.Now(), []byte("x"))
	}
	if kept := len(l.kept.Lines); l.dropped == 0 || l.dropped+uint64(kept) != many {
		t.Errorf("of any sketch %d kept, %d dropped", kept, l.dropped)
	}
}

// A port that a device claims is closed before SetScope returns.
func TestDetector_ClosesAClaimedPort(t *testing.T) {
	r := newRig(t, func(*Detector) {})
	board := r.plug(simulator.Spec{Name: "uno", Every: 50 * time.Millisecond, Line: "n=1"})
	if err := os.Symlink(r.path("uno"), r.path("other-name")); err != nil {
		t.Fatal(err)
	}
	r.SetScope(t.Context(), r.everywhere())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := board.WaitOpen(ctx); err != nil {
		t.Fatal(err)
	}
	r.SetScope(t.Context(), r.everywhere(r.path("other-name"))) // which waits
	if _, taken := r.Tracker.Lease("uno", r.path("uno")).Find(); taken != nil {
		t.Error(taken)
	}
	if err := board.WaitClosed(ctx); err != nil {
		t.Error(err)
	}
}
