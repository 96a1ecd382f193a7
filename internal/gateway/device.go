package gateway

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/rules"
)

// Parts are the neighbours of a Device, all of them needed.
type Parts struct {
	Parser   Parser
	Queue    Queue
	Observer Observer
	Lease    Lease
	Journal  *journal.Journal // closed by Run

	// RequireHello: the device is known only by its hello. A board that sends another
	// hello, or none, is a different board.
	RequireHello bool

	// Described hears what the board says of itself, when it is new. It must not
	// block.
	Described func(device.Description)
	// Mismatch hears, if RequireHello is set, that a different board is on the port, and
	// what it does. It must not block.
	Mismatch func(does string)
	Log      *slog.Logger
}

// Device is one board between its port and its session. Its exported methods
// are the handlers that the two call.
type Device struct {
	device.Device
	Parts
	port    Port
	session Session

	pause    *pause
	desk     *desk
	reply    atomic.Pointer[awaited] // to the command that was written last; nil: none is
	counts   counts
	standing standing
	running  atomic.Pointer[context.Context] // of Run

	// Owned by the port's reading goroutine.
	rules           *rules.Rules
	spoken          spoken
	toldRefused     seldom
	toldDamaged     seldom
	toldOutOfBounds seldom
}

// NewDevice makes a device that Join must complete before Run.
func NewDevice(d device.Device, parts Parts) *Device {
	made := &Device{
		Device:   d,
		Parts:    parts,
		desk:     newDesk(d.Commands),
		rules:    rules.New(d.Readings),
		standing: standing{state: State{Since: time.Now()}},
	}
	made.pause = newPause(parts.Lease.Hold)
	made.running.Store(new(context.Background()))
	return made
}

// life is the context of Run; it ends a blocked Append.
func (d *Device) life() context.Context { return *d.running.Load() }

// Join gives the device its port and its session, which were made with the
// device as their handler.
func (d *Device) Join(port Port, session Session) {
	d.port, d.session = port, session
}

// String names the device in logs.
func (d *Device) String() string { return d.ID }

// Run serves the device until ctx ends, and then stops it in the order that
// loses nothing: first the commands in hand, each with its result, then the
// port, so that no line comes any more, and at last the session, which still
// publishes what the queue holds. A port that cannot work leaves the session
// up: the board's status stays offline, and commands to it expire.
func (d *Device) Run(ctx context.Context) error {
	defer d.Journal.Close()
	d.running.Store(&ctx)
	d.resume(time.Now())
	portCtx, stopPort := context.WithCancel(context.WithoutCancel(ctx))
	defer stopPort()
	sessionCtx, stopSession := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSession()

	var sources, session sync.WaitGroup
	var failure error
	session.Go(func() { failure = d.session.Run(sessionCtx) })
	sources.Go(func() { d.runPort(portCtx) })
	sources.Go(func() {
		defer stopPort()
		d.serve(ctx)
	})
	sources.Wait()
	d.giveUp() // what came between
	stopSession()
	session.Wait()
	return failure
}
