package gateway

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/naming"
	"arduino-gateway/internal/rules"
)

// Parts are the neighbours of a Device. All of them are needed.
type Parts struct {
	Parser   Parser
	Queue    Queue
	Observer Observer
	Lease    Lease
	Journal  *journal.Journal // closed by Run

	// RequireHello: the device is known only by its hello. A board that sends another
	// hello, or none, is a different board.
	RequireHello bool

	// Described gets the board's description if it is new. It must not block.
	Described func(device.Description)
	// Mismatch reports, if RequireHello is set, that a different board is on the port, and
	// what that board does. It must not block.
	Mismatch func(does string)
	Log      *slog.Logger
}

// Device is one board between its port and its session. It is the handler of both: the
// port's goroutine calls Opened, Ready, Silent, Line, EndOfRead and Closed, the session's
// goroutines call Connected, Disconnected and Message. The other methods are safe for
// concurrent use.
type Device struct {
	device.Device
	parts   Parts
	port    Port
	session Session
	life    atomic.Pointer[context.Context] // of Run
	silence atomic.Pointer[time.Duration]   // of Tuned; nil: that of the configuration

	pause    *pause
	online   onlineState
	commands *commandQueue
	writer   *writer
	results  *results
	report   *reporter

	// Owned by the port's goroutine.
	protocol protocolState
	health   boardHealth
	uplink   uplink
}

// NewDevice returns a device. Call Join before Run.
func NewDevice(d device.Device, parts Parts) *Device {
	report := &reporter{id: d.ID, log: parts.Log, observer: parts.Observer}
	results := &results{journal: parts.Journal, report: report}
	commands := newCommandQueue(d, parts.Journal, results.finish)
	commands.surplus = report.surplus
	pause := newPause(d.ID, parts.Lease, report)
	made := &Device{
		Device: d, parts: parts, pause: pause, commands: commands, results: results, report: report,
		online:   onlineState{state: State{Since: time.Now()}},
		writer:   &writer{queue: commands, pause: pause, journal: parts.Journal, finish: results.finish, report: report},
		protocol: protocolState{id: d.ID, requireHello: parts.RequireHello, mayChange: d.Describe == nil},
		uplink: uplink{parser: parts.Parser, rules: rules.New(d.Readings), names: naming.New(d.Readings, parts.Parser.Names()...),
			queue: parts.Queue, report: report},
	}
	made.life.Store(new(context.Background()))
	made.uplink.life, made.uplink.each = &made.life, made.uplink.outcome
	return made
}

// Join gives the device its port and its session, which have the device as their handler.
func (d *Device) Join(port Port, session Session) {
	d.port, d.session = port, session
	d.writer.port, d.results.session = port, session
	d.offerCommands()
}

// Tuned says that the settings of the port have changed; silence is one of them. It ends
// no command. A port that had failed for good is tried again.
func (d *Device) Tuned(silence time.Duration) {
	d.silence.Store(&silence)
	d.pause.retry()
}

// String returns the device's ID.
func (d *Device) String() string { return d.ID }

// Run serves the device until ctx ends. It then stops in the order that loses nothing:
// first the commands, each with its result. Then the port, so that no more lines come.
// Last the session, which still publishes what the queue holds. If the port
// fails for good, the session stays up: the status stays offline, and commands expire.
func (d *Device) Run(ctx context.Context) error {
	defer d.parts.Journal.Close()
	d.life.Store(&ctx)
	d.resume(time.Now())
	portCtx, stopPort := context.WithCancel(context.WithoutCancel(ctx))
	defer stopPort()
	sessionCtx, stopSession := context.WithCancel(context.WithoutCancel(ctx))
	defer stopSession()

	var sources, session sync.WaitGroup
	var failure error
	session.Go(func() { failure = d.session.Run(sessionCtx) })
	sources.Go(func() { d.pause.run(portCtx, d.port) })
	sources.Go(func() {
		defer stopPort()
		d.writer.run(ctx)
	})
	sources.Wait()
	d.commands.expireAll(errStopping) // those that came while the port stopped
	stopSession()
	session.Wait()
	return failure
}

// resume takes over the commands that an earlier process left unfinished.
func (d *Device) resume(now time.Time) {
	j := d.parts.Journal
	for _, c := range d.commands.resume(j.Unfinished(), now) {
		if c.Result != nil {
			d.results.deliver(c.ID, c.Name, *c.Result)
		} else {
			d.results.finish(c, conclusion(c, j.Rebooted()))
		}
	}
}

// Missed counts lines that the board printed before it became a device, and that were not
// kept.
func (d *Device) Missed(lines uint64) { d.report.missed(lines) }

// Invention returns nil unless the board keeps making names of readings.
func (d *Device) Invention() *naming.Invention { return d.uplink.names.Invention() }

// Stats returns the device's totals since the start of the gateway.
func (d *Device) Stats() Stats { return d.report.counts.stats() }
