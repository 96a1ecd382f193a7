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

// settle is the least time between two wakes: a hub with thirty boards makes
// hundreds of changes in a moment.
const settle = 100 * time.Millisecond

// Tracker finds the ports of a running gateway's devices and leases each port to
// one device. Run wakes the waiting leases when a port appears or its permissions
// change. All leases share one list of the ports.
type Tracker struct {
	machine Machine
	view    *view
	log     *slog.Logger

	mu          sync.Mutex
	leases      map[*Lease]bool // those that wait for a port, or have one
	subscribers map[wake.Signal]bool
}

// NewTracker returns a Tracker. Its leases also work without Run, but are not woken.
func NewTracker(machine Machine, log *slog.Logger) *Tracker {
	return &Tracker{machine: machine, view: &view{machine: machine}, log: log, leases: map[*Lease]bool{}, subscribers: map[wake.Signal]bool{}}
}

// NewSnapshot returns a Tracker that lists the ports once, for a command that ends soon.
func NewSnapshot(machine Machine, log *slog.Logger) *Tracker {
	t := NewTracker(machine, log)
	t.view.frozen = true
	return t
}

// String names the part in logs.
func (t *Tracker) String() string { return "port tracker" }

// Run watches /dev until ctx ends, and returns nil. If /dev cannot be watched it
// logs that, and the devices look for their ports every few seconds.
func (t *Tracker) Run(ctx context.Context) error {
	changes := wake.NewSignal()
	watching := make(chan error, 1)
	go func() { watching <- t.watch(ctx, changes) }()
	for {
		select {
		case err := <-watching:
			if ctx.Err() != nil {
				return nil
			}
			t.log.Warn("cannot watch for new boards: they are found some seconds later", "error", err)
			<-ctx.Done()
			return nil
		case <-changes:
			t.wake()
			select {
			case <-time.After(settle):
			case <-ctx.Done():
			}
		}
	}
}

// watch reports changes of /dev to the view, and signals when a port may have appeared.
func (t *Tracker) watch(ctx context.Context, appeared wake.Signal) error {
	w, err := openWatch(t.machine.path("dev"), func(mayAppear bool) {
		t.view.change()
		if mayAppear {
			appeared.Set()
		}
	})
	if err != nil {
		return err
	}
	defer w.close()
	t.view.change() // what was listed before the watch began may have changed
	t.view.watch.Store(w)
	defer t.view.watch.Store(nil)
	return w.run(ctx)
}

func (t *Tracker) wake() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.wakeOthers(nil)
}

// wakeOthers wakes all leases but one, and all subscribers; t.mu is held.
func (t *Tracker) wakeOthers(except *Lease) {
	for l := range t.leases {
		if l != except {
			l.changed.Set()
		}
	}
	for s := range t.subscribers {
		s.Set()
	}
}

// Subscribe returns a channel that is signalled when a port may have appeared, and
// a function that ends the subscription.
func (t *Tracker) Subscribe() (changed <-chan struct{}, stop func()) {
	s := wake.NewSignal()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.subscribers[s] = true
	return s, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.subscribers, s)
	}
}

// mayBePortName reports whether a name in /dev may belong to a port: ttyUSB0,
// ttyACM0, rfcomm0, serial0, serial (the folder of links), and cu.usbmodem1 on a
// Mac. A link made by the user's own udev rules follows its node within moments;
// a woken device retries by then anyway.
func mayBePortName(name string) bool {
	return slices.ContainsFunc([]string{"tty", "serial", "rfcomm", "cu."}, func(begin string) bool {
		return strings.HasPrefix(name, begin)
	})
}
