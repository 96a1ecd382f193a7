package gateway

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/protocol"
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

	pause    *pause
	online   onlineState
	commands *commandQueue
	writer   *writer
	results  *results
	report   *reporter

	// Owned by the port's goroutine.
	protocol protocolState
	uplink   uplink
}

// NewDevice returns a device. Call Join before Run.
func NewDevice(d device.Device, parts Parts) *Device {
	report := &reporter{id: d.ID, log: parts.Log, observer: parts.Observer}
	results := &results{journal: parts.Journal, report: report}
	commands := newCommandQueue(d, parts.Journal, results.finish)
	pause := newPause(d.ID, parts.Lease, report)
	made := &Device{
		Device: d, parts: parts, pause: pause, commands: commands, results: results, report: report,
		online:   onlineState{state: State{Since: time.Now()}},
		writer:   &writer{queue: commands, pause: pause, journal: parts.Journal, finish: results.finish, report: report},
		protocol: protocolState{id: d.ID, requireHello: parts.RequireHello, mayChange: d.Describe == nil},
		uplink:   uplink{parser: parts.Parser, rules: rules.New(d.Readings), queue: parts.Queue, report: report},
	}
	made.life.Store(new(context.Background()))
	made.uplink.life = &made.life
	return made
}

// Join gives the device its port and its session, which have the device as their handler.
func (d *Device) Join(port Port, session Session) {
	d.port, d.session = port, session
	d.writer.port, d.results.session = port, session
}

// String returns the device's ID.
func (d *Device) String() string { return d.ID }

// Run serves the device until ctx ends. It then stops in the order that loses nothing:
// first the commands, each with its result, then the port, so that no line comes any
// more, and last the session, which still publishes what the queue holds. If the port
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

// Opened is called when the port is open.
func (d *Device) Opened(at time.Time) {
	d.parts.Parser.Reset() // it may be another board
	d.protocol.reset(at)
	d.online.setOpen(true)
	d.commands.open(at)
	d.report.note(at, "port open: "+d.Port)
}

// Ready is called when the board has booted and, if silence is set, has printed a line.
func (d *Device) Ready(at time.Time) {
	d.protocol.ready = true
	d.goOnline(at)
}

// Silent is called when the board has printed no line for too long.
func (d *Device) Silent(at time.Time) {
	d.protocol.ready = false
	d.setOnline(at, false)
	d.report.note(at, "silent: no line for "+d.Silence.String())
}

// Closed is called when the port is closed. It publishes what min_interval holds back,
// because no other line may follow.
func (d *Device) Closed(at time.Time, err error) {
	d.commands.close()
	for _, line := range d.protocol.discard() {
		d.report.dropped(at, line.Text, errUnidentified)
	}
	d.uplink.rest(at)
	d.parts.Queue.Commit()
	d.setOnline(at, false)
	d.online.setOpen(false)
	if err != nil {
		d.report.note(at, "port closed: "+err.Error())
	}
}

// Line is called for each whole line. It blocks while the queue is full and the broker is
// connected: what the broker cannot take yet stays in the kernel's buffer, and not in the
// gateway's memory.
func (d *Device) Line(at time.Time, line []byte) {
	l := protocol.Parse(line)
	v := d.protocol.judge(at, &l, line)
	if v.identified {
		for _, held := range v.held {
			d.publish(held.At, held.Text)
		}
		d.goOnline(at)
	}
	if v.protocol {
		d.hear(at, l)
	}
	switch v.action {
	case publish:
		d.publish(at, v.text)
	case show:
		d.parts.Observer.Line(at, line, nil, nil, v.why)
	case drop:
		d.report.dropped(at, line, v.why)
	case hold:
		d.report.held(at, v)
	}
	switch {
	case v.mismatch != "":
		d.mismatch(at, v.mismatch)
	case v.doubt:
		d.commands.setSpeaks(false)
	}
}

// publish reads a line and publishes its readings.
func (d *Device) publish(at time.Time, line []byte) {
	d.writer.confirm.heard(line)
	d.uplink.line(at, line)
}

// hear passes a line of the protocol on to the command queue.
func (d *Device) hear(at time.Time, l protocol.Line) {
	r := d.commands.heard(at, l)
	if r.problem != nil {
		d.report.misunderstood(l.Text, r.problem)
		if d.parts.RequireHello && l.Kind == protocol.HelloLine {
			d.mismatch(at, r.problem.Error())
			return
		}
	}
	if d.protocol.strict != r.speaks {
		d.protocol.strict = r.speaks
		d.commands.setSpeaks(r.speaks)
	}
	if r.described != nil {
		d.uplink.describe(at, readingSpecs(d.Readings, r.described.Readings))
		d.report.described(r.described)
		d.parts.Described(*r.described)
	}
}

// mismatch stops everything that is meant for this device's board.
func (d *Device) mismatch(at time.Time, does string) {
	d.protocol.mismatch()
	d.commands.close()
	d.setOnline(at, false)
	d.parts.Mismatch(does)
}

// EndOfRead is called after the lines of one read, and at least every second while the
// port is open. The lines of one read go to disk with one system call.
func (d *Device) EndOfRead(at time.Time) {
	d.uplink.due(at)
	d.parts.Queue.Commit()
}

// Connected is called when the broker has accepted the session.
func (d *Device) Connected(at time.Time, sessionPresent bool) {
	d.parts.Queue.SetConnected(true)
	if !sessionPresent {
		d.parts.Journal.Forget()
	}
	d.report.note(at, "broker connected")
}

// Disconnected is called when the session has lost the broker.
func (d *Device) Disconnected(at time.Time, err error) {
	d.parts.Queue.SetConnected(false)
	if err != nil {
		d.report.note(at, "broker lost: "+err.Error())
	}
}

// Message takes a command from the session and never blocks. Each command gets exactly
// one result, at once if it is rejected. A command that the broker delivers twice runs
// once.
func (d *Device) Message(m device.Message) { d.command(m, nil) }

// Do runs a command and returns its result. The error is the cause of the end of ctx.
func (d *Device) Do(ctx context.Context, command, value string) (device.Result, error) {
	result := make(chan device.Result, 1)
	d.command(device.Message{Command: command, Payload: []byte(value), Size: len(value), At: time.Now()},
		func(r device.Result) { result <- r })
	select {
	case r := <-result:
		return r, nil
	case <-ctx.Done():
		return device.Result{}, context.Cause(ctx)
	}
}

// command also passes the result to reply, unless that is nil. reply must not block.
func (d *Device) command(m device.Message, reply func(device.Result)) {
	c := journal.Command{Name: m.Command, Value: echo(m.Payload), Packet: m.PacketID, Arrived: m.At}
	id, again := d.parts.Journal.Add(c, m.Duplicate)
	if again {
		d.report.duplicate(m.Command)
		return
	}
	c.ID, c.Value, c.Reply = id, string(m.Payload), reply
	status, err := device.Rejected, readable(m)
	switch {
	case (*d.life.Load()).Err() != nil:
		status, err = device.Expired, errStopping
	case err == nil:
		err = d.commands.add(c)
	}
	if err != nil {
		d.results.finish(c, device.Result{Status: status, Value: echo(m.Payload), Error: err.Error()})
	}
}

// AcceptedCommands returns the commands that the device accepts: those of devices.yaml and
// those that the board described.
func (d *Device) AcceptedCommands() map[string]device.Command { return d.commands.accepted() }

// Missed counts lines that the board printed before it became a device, and that were not
// kept.
func (d *Device) Missed(lines uint64) { d.report.missed(lines) }

// Stats returns the device's totals since the start of the gateway.
func (d *Device) Stats() Stats { return d.report.counts.stats() }
