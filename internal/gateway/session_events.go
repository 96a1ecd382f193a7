package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
)

// Connected is called when the broker has accepted the session.
func (d *Device) Connected(at time.Time, sessionPresent bool) {
	d.parts.Queue.SetConnected(true)
	d.parts.Journal.Connected(at, sessionPresent)
	d.report.note(at, "broker connected")
}

// Disconnected is called when the session has lost the broker.
func (d *Device) Disconnected(at time.Time, err error) {
	d.parts.Queue.SetConnected(false)
	d.parts.Journal.Disconnected(at)
	if err != nil {
		d.report.note(at, "broker lost: "+err.Error())
	}
}

// Renamed says that the session gets another client ID, and with it another session at the
// broker: the packet identifiers of this one mean nothing there.
func (d *Device) Renamed() { d.parts.Journal.Forget() }

// Refused is called when the session puts a message aside that the broker does not take.
func (d *Device) Refused(m device.Refused) {
	d.report.note(m.At, fmt.Sprintf("put aside: %.100s: %s", m.Topic, m.Reason))
}

// Message takes a command from the session and never blocks. Each command gets exactly
// one result, at once if it is rejected. A command that the broker delivers twice runs
// once.
func (d *Device) Message(m device.Message) {
	d.report.received(m)
	d.command(m, nil)
}

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
	if len(c.Name) <= device.MaxCommandName { // a longer name is kept nowhere
		id, again := d.parts.Journal.Add(c, m.Duplicate)
		if again {
			d.report.duplicate(m.Command)
			return
		}
		c.ID = id
	}
	c.Value, c.Reply = string(m.Payload), reply
	if status, err := d.take(c, m); err != nil {
		d.results.finish(c, device.Result{Status: status, Value: echo(m.Payload), Error: err.Error()})
	}
}

// take queues a command, or returns why it ends at once.
func (d *Device) take(c journal.Command, m device.Message) (device.Status, error) {
	err := d.commands.admit(m.At)
	switch {
	case err != nil:
	case (*d.life.Load()).Err() != nil:
		return device.Expired, errStopping
	default:
		err = readable(m)
	}
	if err == nil {
		err = d.commands.add(c)
	}
	return device.Rejected, err
}

// AcceptedCommands returns the commands that the device accepts: those of devices.yaml and
// those that the board described.
func (d *Device) AcceptedCommands() map[string]device.Command { return d.commands.accepted() }

// offerCommands reports to the session whether the device accepts commands.
func (d *Device) offerCommands() { d.session.SetCommands(len(d.AcceptedCommands()) > 0) }

// readable returns why a message cannot be a command, or nil.
func readable(m device.Message) error {
	switch n := len(m.Command); {
	case n > device.MaxCommandName:
		return fmt.Errorf("unknown command %q: a name has at most %d bytes, and this one has %d", excerpt(m.Command), device.MaxCommandName, n)
	case m.Retained:
		return errors.New("ignored: the command was retained (hint: publish without retain)")
	case m.Topic != "" && m.Size == 0:
		return errors.New("ignored: the message is empty, as when a retained command is cleared (hint: publish a value)")
	case m.Size > len(m.Payload):
		return fmt.Errorf("the value is too long: %d bytes", m.Size)
	}
	return nil
}
