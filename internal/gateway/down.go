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
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/journal"
)

// queuedCommands bounds what waits for one board. A board takes a few commands
// at a time: a longer queue would only make later ones late.
const queuedCommands = 16

// stoppingText is also read by who sends a command during a reload.
const stoppingText = "the gateway is stopping, or starting this device anew"

// request is a command that waits for its turn.
type request struct {
	id      uint64 // the journal's
	command string
	raw     string // the value as it came
	value   string // canonical, once it is checked
	line    string // without its ending, once it is checked
	checked bool   // else the board has yet to say what it takes
	at      time.Time
	spec    device.Command
	reply   func(device.Result) // nil, or hears the result as well
}

// Message takes a command from the session and never blocks. Each command gets exactly
// one result: at once if it is refused, else from serve. A command that the broker
// delivers twice runs once.
func (d *Device) Message(m device.Message) { d.command(m, nil) }

// command also passes the result to reply, unless it is nil. reply must not block.
func (d *Device) command(m device.Message, reply func(device.Result)) {
	id, again := d.Journal.Take(journal.Entry{Command: m.Command, Value: echo(m.Payload), Packet: m.PacketID, Arrived: m.At}, m.Duplicate)
	if again {
		d.Log.Info("a command was delivered twice, and is run once", "device", d.ID, "command", m.Command)
		return
	}
	q := request{id: id, command: m.Command, raw: string(m.Payload), at: m.At, reply: reply}
	if status, err := d.accept(m, &q); err != nil {
		d.finish(q, device.Result{Status: status, Value: echo(m.Payload), Error: err.Error()})
	}
}

// accept puts a request into the queue, or tells why not.
func (d *Device) accept(m device.Message, q *request) (device.Status, error) {
	if d.life().Err() != nil { // nobody will write it any more
		return device.Expired, errors.New(stoppingText)
	}
	if err := readable(m); err != nil {
		return device.Rejected, err
	}
	d.desk.mu.Lock()
	defer d.desk.mu.Unlock()
	if err := d.check(q); err != nil {
		return device.Rejected, err
	}
	if len(d.desk.queue) >= queuedCommands {
		return device.Rejected, fmt.Errorf("busy: %d commands wait already", queuedCommands)
	}
	d.desk.queue = append(d.desk.queue, *q)
	d.desk.ring()
	return "", nil
}

func readable(m device.Message) error {
	switch {
	case m.Retained:
		return errors.New("ignored: the command was retained (hint: publish without retain)")
	case m.Size > len(m.Payload):
		return fmt.Errorf("%d bytes are more than any command takes", m.Size)
	}
	return nil
}

// Do runs a command and returns when its result is known; an error is that of
// ctx, which ended before.
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

// check decides whether a request may be written, and what the line would be.
// The desk is locked.
func (d *Device) check(q *request) error {
	command, ok := d.desk.commands[q.command]
	if !ok && d.desk.expects && !d.desk.described {
		return nil // the board will tell
	}
	if !ok {
		return d.unknown(q.command)
	}
	line, value, err := command.Encode(q.raw)
	if err != nil {
		return err
	}
	if n := len(line) + len(d.LineEnding.Bytes()); n > device.LongestLine {
		return fmt.Errorf("the line has %d bytes with its ending; a board's buffer takes %d", n, device.LongestLine)
	}
	q.line, q.value, q.spec, q.checked = line, value, command, true
	return nil
}

func (d *Device) unknown(name string) error {
	if len(d.desk.commands) == 0 {
		return fmt.Errorf("unknown command %q: this device has none", name)
	}
	known := slices.Sorted(maps.Keys(d.desk.commands))
	return fmt.Errorf("unknown command %q: this device has %s", name, strings.Join(known, ", "))
}

// numbered tells why a line can't be sent as a numbered command.
func numbered(q request) error {
	if err := arq.Check(q.line); err != nil {
		return fmt.Errorf("this board confirms commands, and takes NAME=VALUE alone: %w (hint: leave out write)", err)
	}
	return nil
}

// finish tells what became of a request. It is remembered first.
func (d *Device) finish(q request, result device.Result) {
	now := time.Now()
	result.Took = now.Sub(q.at)
	d.counts.command(result.Status)
	d.tell(q.id, q.command, result)
	if q.reply != nil {
		q.reply(result)
	}
	if d.Observer.Active() {
		d.Observer.Out(now, q.command, result)
	}
	if result.Status != device.Sent && result.Status != device.Done {
		d.Log.Warn("command not done", "device", d.ID, "command", q.command, "status", string(result.Status), "error", result.Error)
	}
}

func (d *Device) tell(id uint64, command string, result device.Result) {
	d.Journal.Result(id, result)
	d.session.Result(command, result, func() { d.Journal.Over(id) })
}

// echo gives back a refused value, where it is text that fits a result.
func echo(value []byte) string {
	if len(value) > 256 || !utf8.Valid(value) {
		return ""
	}
	return string(value)
}
