package gateway

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/rules"
)

// Expiry is how long after its arrival a command may still be written.
const Expiry = 10 * time.Second

// Parts are the neighbours of a Device, all of them needed.
type Parts struct {
	Parser   Parser
	Queue    Queue
	Watcher  Watcher
	Recorder Recorder
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
	requests chan request // bounded: beyond it a command is refused as busy
	counts   counts
	standing standing
	running  atomic.Pointer[context.Context] // of Run

	// Owned by the port's reading goroutine.
	rules           *rules.Rules
	toldRefused     seldom
	toldOutOfBounds seldom
}

// NewDevice makes a device that Join must complete before Run.
func NewDevice(d device.Device, parts Parts) *Device {
	made := &Device{
		Device:   d,
		Parts:    parts,
		pause:    newPause(),
		requests: make(chan request, queuedCommands),
		rules:    rules.New(d.Readings),
		standing: standing{state: State{Since: time.Now()}},
	}
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
// loses nothing: first the port, so that no line comes any more, then the
// commands in hand, each with its result, and at last the session, which still
// publishes what the queue holds. A port that cannot work leaves the session
// up: the board's status stays offline, and commands to it expire.
func (d *Device) Run(ctx context.Context) error {
	d.running.Store(&ctx)
	sessionCtx, stopSession := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSession()

	var sources, session sync.WaitGroup
	var failure error
	session.Go(func() { failure = d.session.Run(sessionCtx) })
	sources.Go(func() { d.runPort(ctx) })
	sources.Go(func() { d.serve(ctx) })
	sources.Wait()
	d.expireWaiting() // what came between
	stopSession()
	session.Wait()
	return failure
}
