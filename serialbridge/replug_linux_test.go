package serialbridge

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/creack/pty"

	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/portstest"
)

// leaseFinder makes a Finder of a lease, as the daemon does.
type leaseFinder struct{ *ports.Lease }

func (f leaseFinder) Find() (Place, error) {
	p, err := f.Lease.Find()
	return Place{Path: p.Path}, err
}

// A board is found again whatever name its node has, in whatever socket. With
// an hour between attempts only the watch on /dev can do that.
func TestPort_FollowsABoardToAnotherName(t *testing.T) {
	root := t.TempDir()
	for _, folder := range []string{"sys/class/tty", "dev"} {
		must(t, os.MkdirAll(filepath.Join(root, folder), 0o755))
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	watch := ports.NewTracker(ports.Machine{Root: root}, log)
	ctx, cancel := context.WithCancel(context.Background())
	watched := make(chan error, 1)
	go func() { watched <- watch.Run(ctx) }()
	t.Cleanup(func() { cancel(); must(t, <-watched) })

	value := "usb:2341:0043:75630313536351F0B1A1"
	seen := newRecorder(t)
	p := New(Options{Device: "greenhouse", Port: value, Baud: maxBaud, Finder: leaseFinder{watch.Lease("greenhouse", value)}}, seen, log)
	p.times = quick
	p.times.retry = backoff{min: time.Hour, max: time.Hour}
	p.times.poll = rarePoll
	running := start(t, p)

	for i, at := range []struct{ socket, node string }{{"1-1.2", "ttyACM0"}, {"1-1.2", "ttyACM1"}, {"3-4", "ttyACM0"}} {
		board := plugUSB(t, root, at.socket, at.node)
		seen.expect("opened")
		board.print("\nt=1\n")
		seen.expect("ready", "line t=1")
		must(t, running.send(t.Context(), []byte("led=on\n")))
		if got := string(board.receives(7)); got != "led=on\n" {
			t.Errorf("plug %d: the board got %q", i, got)
		}
		must(t, portstest.Unplug(root, at.socket))
		board.unplug()
		seen.expect("closed")
	}
}

// plugUSB plugs a board with a pseudo-terminal into the folder of a machine.
func plugUSB(t *testing.T, root, socket, node string) *board {
	t.Helper()
	master, slave, err := pty.Open()
	must(t, err)
	b := &board{t: t, master: master, slave: slave}
	t.Cleanup(b.unplug)
	must(t, portstest.Plug(root, socket, portstest.Boards["uno"], node+"="+slave.Name()))
	return b
}
