package gateway

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"arduino-gateway/device"
)

// queuedCommands bounds what waits for one board. A board takes commands one
// at a time and forgets what overflows its 64 bytes of input: a longer queue
// would only make later commands late.
const queuedCommands = 16

// stoppingText is also read by who sends a command during a reload.
const stoppingText = "the gateway is stopping, or starting this device anew"

var errExpired = fmt.Errorf("not within %v", Expiry)

// Request is a command as it came from the broker, or from a page.
type Request struct {
	Command  string
	Value    []byte
	Size     int  // bytes that came; more than those of Value where it was too long to be kept
	Retained bool // an old message that the broker kept: never run
	At       time.Time

	// Reply hears the result as well, unless it is nil. It must not block.
	Reply func(device.Result)
}

// request is a Request that passed its checks.
type request struct {
	command, value string // value is canonical
	line           string // without its ending
	at             time.Time
	reply          func(device.Result)
}

// asked is the request before its checks.
func (r Request) asked() request { return request{command: r.Command, at: r.At, reply: r.Reply} }

// Command takes a request and never blocks. Each request gets exactly one
// result: at once when it is refused, else from serve.
func (d *Device) Command(r Request) {
	if d.life().Err() != nil { // nobody will write it any more
		d.finish(r.asked(), device.Result{Status: device.Expired, Value: echo(r.Value), Error: stoppingText})
		return
	}
	accepted, err := d.check(r)
	if err != nil {
		d.finish(r.asked(), device.Result{Status: device.Rejected, Value: echo(r.Value), Error: err.Error()})
		return
	}
	select {
	case d.requests <- accepted:
	default:
		d.finish(accepted, device.Result{Status: device.Rejected, Value: accepted.value,
			Error: fmt.Sprintf("busy: %d commands wait already", queuedCommands)})
	}
}

// Do runs a command and returns when its result is known; an error is that of
// ctx, which ended before.
func (d *Device) Do(ctx context.Context, command, value string) (device.Result, error) {
	result := make(chan device.Result, 1)
	d.Command(Request{Command: command, Value: []byte(value), Size: len(value), At: time.Now(),
		Reply: func(r device.Result) { result <- r }})
	select {
	case r := <-result:
		return r, nil
	case <-ctx.Done():
		return device.Result{}, context.Cause(ctx)
	}
}

// check decides whether a request may be written, and what the line would be.
func (d *Device) check(r Request) (request, error) {
	if r.Retained {
		return request{}, errors.New("a retained message is no command (hint: publish without retain)")
	}
	if r.Size > len(r.Value) {
		return request{}, fmt.Errorf("%d bytes are more than any command takes", r.Size)
	}
	command, ok := d.Commands[r.Command]
	if !ok {
		return request{}, d.unknown(r.Command)
	}
	line, value, err := command.Encode(string(r.Value))
	if err != nil {
		return request{}, err
	}
	accepted := r.asked()
	accepted.value, accepted.line = value, line
	return accepted, nil
}

func (d *Device) unknown(name string) error {
	if len(d.Commands) == 0 {
		return fmt.Errorf("unknown command %q: this device has none", name)
	}
	known := slices.Sorted(maps.Keys(d.Commands))
	return fmt.Errorf("unknown command %q: this device has %s", name, strings.Join(known, ", "))
}

// serve writes the accepted commands, in order, one at a time, until ctx ends;
// those still waiting then expire.
func (d *Device) serve(ctx context.Context) {
	for {
		select {
		case r := <-d.requests:
			d.execute(ctx, r)
		case <-ctx.Done():
			d.expireWaiting()
			return
		}
	}
}

func (d *Device) execute(ctx context.Context, r request) {
	deadline, cancel := context.WithDeadlineCause(ctx, r.at.Add(Expiry), errExpired)
	defer cancel()
	begun, err := d.write(deadline, []byte(r.line+d.LineEnding.Bytes()))
	d.finish(r, outcome(r, begun, err))
}

// write needs no port to say that the device is paused.
func (d *Device) write(ctx context.Context, line []byte) (begun bool, err error) {
	if err := d.away(); err != nil {
		return false, err
	}
	begun, err = d.port.Write(ctx, line)
	if paused := d.away(); err != nil && !begun && paused != nil {
		return false, paused // it began meanwhile
	}
	return begun, err
}

// outcome tells truly what a write did: only where no byte went out is it
// certain that the board did nothing.
func outcome(r request, begun bool, err error) device.Result {
	switch {
	case err == nil:
		return device.Result{Status: device.Sent, Value: r.value, Line: r.line}
	case begun:
		return device.Result{Status: device.Failed, Value: r.value, Line: r.line, Error: fmt.Sprintf("may have run: %v", err)}
	default:
		return device.Result{Status: device.Expired, Value: r.value, Error: err.Error()}
	}
}

func (d *Device) expireWaiting() {
	for {
		select {
		case r := <-d.requests:
			d.finish(r, device.Result{Status: device.Expired, Value: r.value, Error: stoppingText})
		default:
			return
		}
	}
}

func (d *Device) finish(r request, result device.Result) {
	now := time.Now()
	result.Took = now.Sub(r.at)
	d.counts.command(result.Status)
	d.session.Result(r.command, result)
	if r.reply != nil {
		r.reply(result)
	}
	if d.Watcher.Active() {
		d.Watcher.Out(now, r.command, result)
	}
	if result.Status != device.Sent && result.Status != device.Done {
		d.Log.Warn("command not done", "device", d.ID, "command", r.command, "status", string(result.Status), "error", result.Error)
	}
}

// echo gives back a refused value, where it is text that fits a result.
func echo(value []byte) string {
	if len(value) > 256 || !utf8.Valid(value) {
		return ""
	}
	return string(value)
}
