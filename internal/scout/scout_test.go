//go:build linux

package scout

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/internal/ports"
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

// rig is a scout with a folder of virtual boards.
type rig struct {
	*Scout
	t   *testing.T
	dir string
}

func newRig(t *testing.T, change func(*Scout)) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir()}
	r.Scout = New(Options{Watcher: ports.NewWatcher(ports.Machine{Root: t.TempDir()}, slog.New(slog.DiscardHandler)),
		Config: func(port ports.Port, seat *ports.Seat) serialbridge.Config {
			return serialbridge.Config{Device: port.Path, Port: port.Value, Finder: place{seat}}
		}, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	change(r.Scout)
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

type place struct{ *ports.Seat }

func (p place) Find() (serialbridge.Place, error) {
	port, err := p.Seat.Find()
	return serialbridge.Place{Path: port.Path}, err
}

func (r *rig) path(name string) string { return filepath.Join(r.dir, name) }

func (r *rig) plug(spec simulator.Spec) *simulator.Board {
	r.t.Helper()
	spec.Link = r.path(spec.Name)
	return simulator.New(r.t, spec)
}

// everywhere is where its boards are, but for those that are claimed.
func (r *rig) everywhere(claimed ...string) Where {
	return Where{On: true, Patterns: []string{r.path("*")}, Claimed: claimed}
}

func (r *rig) await() Found {
	r.t.Helper()
	select {
	case f := <-r.Found():
		return f
	case <-time.After(patience):
		r.t.Fatal("no board was found")
		return Found{}
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
	case f := <-r.Found():
		r.t.Errorf("found %s", f.ID)
	default:
	}
}

func texts(lines []Line) (all []string) {
	for _, l := range lines {
		all = append(all, string(l.Text))
	}
	return all
}

func TestABoardSaysHelloAtItsBoot(t *testing.T) {
	r := newRig(t, func(*Scout) {})
	r.Send(r.everywhere())
	board := r.plug(simulator.Spec{Name: "uno", ResetOnOpen: true, Boot: 100 * time.Millisecond, Every: 20 * time.Millisecond,
		Banner: append([]string{"Booting, and some text that makes it clear that these are letters"}, saysHello("greenhouse")...), Line: summed("n=1")})
	f := r.await()
	if f.ID != "greenhouse" || f.Port.Value != r.path("uno") || f.Baud != serialbridge.FirstRate || f.Opened.IsZero() {
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

// A board that was up already is asked, and what it prints meanwhile is kept.
func TestABoardIsAsked(t *testing.T) {
	r := newRig(t, func(*Scout) {})
	board := r.plug(simulator.Spec{Name: "uno", Every: 50 * time.Millisecond, Line: summed("n=1")})
	r.Send(r.everywhere())
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

// To a board that only prints lines nothing is written, and its port is left alone
// until it is plugged in again, or somebody asks.
func TestAPlainSketchIsLetAlone(t *testing.T) {
	r := newRig(t, func(s *Scout) { s.patience = 300 * time.Millisecond })
	board := r.plug(simulator.Spec{Name: "uno", Every: 20 * time.Millisecond, Line: "temperature=23.5"})
	r.Send(r.everywhere())
	r.awaitNone(board)
	r.Again()
	r.awaitNone(board)
	board.Unplug()
	board.Replug()
	r.awaitNone(board)
	r.Send(r.everywhere()) // changes nothing
	r.Send(Where{})
	if got := board.Stats(); got.ReceivedLines+got.Lost != 0 || got.Opens != 3 {
		t.Errorf("it was written to, or not opened three times: %+v", got)
	}
}

func TestAHelloThatIsNotUnderstood(t *testing.T) {
	r := newRig(t, func(s *Scout) { s.patience = time.Second })
	r.Send(r.everywhere())
	r.awaitNone(r.plug(simulator.Spec{Name: "future", Every: 50 * time.Millisecond, Line: summed("!hello x protocol=9 library=9 parts=0")}))
}

// Once a device has the port, it is let alone at once.
func TestAClaimedPortIsGivenUp(t *testing.T) {
	r := newRig(t, func(*Scout) {})
	board := r.plug(simulator.Spec{Name: "uno", Every: 50 * time.Millisecond, Line: "n=1"})
	if err := os.Symlink(r.path("uno"), r.path("other-name")); err != nil {
		t.Fatal(err)
	}
	r.Send(r.everywhere())
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := board.WaitOpen(ctx); err != nil {
		t.Fatal(err)
	}
	r.Send(r.everywhere(r.path("other-name")))
	if err := board.WaitClosed(ctx); err != nil {
		t.Error(err)
	}
}
