package gateway

import (
	"context"
	"errors"
	"fmt"

	"arduino-gateway/device"
)

// execute writes a command to a board that only prints lines.
func (d *Device) execute(ctx context.Context, q request) {
	deadline, cancel := context.WithDeadlineCause(ctx, d.expires(q), d.errExpired())
	defer cancel()
	reply := d.listenFor(q)
	defer d.reply.Store(nil)
	d.Journal.Sent(q.id, q.line, 0, 0)
	begun, err := d.write(deadline, []byte(q.line+d.LineEnding.Bytes()))
	result := outcome(q, begun, err)
	if err == nil && reply != nil {
		result = confirmed(deadline, result, reply)
	}
	d.finish(q, result)
}

// awaited is what a board prints that has run a command.
type awaited struct {
	request
	heard chan string // capacity 1
}

func (d *Device) listenFor(q request) *awaited {
	if q.spec.Confirm == nil {
		return nil
	}
	a := &awaited{q, make(chan string, 1)}
	d.reply.Store(a)
	return a
}

// confirms is called for every line while a reply is awaited.
func (a *awaited) confirms(line []byte) {
	if a.spec.Confirm.Match(line) {
		select {
		case a.heard <- string(line):
		default:
		}
	}
}

var errSilent = errors.New("nothing that the board printed matches confirm")

// confirmed waits for the reply to a command that was written.
func confirmed(ctx context.Context, result device.Result, reply *awaited) device.Result {
	select {
	case result.Reply = <-reply.heard:
		result.Status = device.Done
	case <-ctx.Done():
		result.Status, result.Error = device.Failed, mayHaveRun(fmt.Errorf("%w: %w", errSilent, context.Cause(ctx)))
	}
	return result
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
func outcome(q request, begun bool, err error) device.Result {
	switch {
	case err == nil:
		return device.Result{Status: device.Sent, Value: q.value, Line: q.line}
	case begun:
		return device.Result{Status: device.Failed, Value: q.value, Line: q.line, Error: mayHaveRun(err)}
	default:
		return device.Result{Status: device.Expired, Value: q.value, Error: err.Error()}
	}
}
