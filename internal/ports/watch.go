package ports

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"arduino-gateway/internal/wake"
)

// calm is the least time between two wakes: a hub with thirty boards makes
// hundreds of changes in a moment.
const calm = 100 * time.Millisecond

// Watcher finds the ports of a running gateway's devices. Run wakes those that
// wait whenever a port appears or its permissions change. No two of them are
// given the same port.
type Watcher struct {
	machine Machine
	log     *slog.Logger

	mu    sync.Mutex
	seats map[*Seat]bool // those that look for a port, or have one
	bells map[wake.Signal]bool
}

// NewWatcher makes a Watcher that Run sets going; its Seats work without it too,
// but are never woken.
func NewWatcher(machine Machine, log *slog.Logger) *Watcher {
	return &Watcher{machine: machine, log: log, seats: map[*Seat]bool{}, bells: map[wake.Signal]bool{}}
}

// String names the part in logs.
func (w *Watcher) String() string { return "watch over the ports" }

// Run watches until ctx ends, and returns nil. Where nothing can be watched it
// says so and the devices look for their ports every few seconds.
func (w *Watcher) Run(ctx context.Context) error {
	changes := wake.NewSignal()
	watching := make(chan error, 1)
	go func() {
		watching <- watchFolder(ctx, w.machine.path("dev"), func() { changes.Set() })
	}()
	for {
		select {
		case err := <-watching:
			if ctx.Err() != nil {
				return nil
			}
			w.log.Warn("new boards are noticed some seconds late", "error", err)
			<-ctx.Done()
			return nil
		case <-changes:
			w.wake()
			select {
			case <-time.After(calm):
			case <-ctx.Done():
			}
		}
	}
}

func (w *Watcher) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wakeOthers(nil)
}

// wakeOthers wakes all but one of the seats; w.mu is held.
func (w *Watcher) wakeOthers(than *Seat) {
	for seat := range w.seats {
		if seat != than {
			seat.changed.Set()
		}
	}
	for bell := range w.bells {
		bell.Set()
	}
}

// Bell gives a channel, of capacity 1, that is signalled when a port may have
// come, and what ends that.
func (w *Watcher) Bell() (rung <-chan struct{}, stop func()) {
	bell := wake.NewSignal()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.bells[bell] = true
	return bell, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.bells, bell)
	}
}

// ofInterest tells whether a name in /dev may be a port's: ttyUSB0, ttyACM0,
// rfcomm0, serial0, serial (the folder of links), and cu.usbmodem1 on a Mac.
// A link of one's own udev rules follows its node within moments, when a woken
// device tries again anyway.
func ofInterest(name string) bool {
	return slices.ContainsFunc([]string{"tty", "serial", "rfcomm", "cu."}, func(begin string) bool {
		return strings.HasPrefix(name, begin)
	})
}
