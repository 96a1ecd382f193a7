package gateway

import (
	"context"
	"errors"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/journal"
)

// windUp is how long a stopping device waits for answers to the commands in flight.
const windUp = 500 * time.Millisecond

// errStopping is also the error of a command that comes during a reload.
var errStopping = errors.New("the gateway is stopping, or restarting this device")

// writer writes to the port what the command queue decides.
type writer struct {
	queue   *commandQueue
	port    Port
	pause   *pause
	journal *journal.Journal
	finish  func(journal.Command, device.Result)
	report  *reporter
	confirm confirmation
}

// run writes until ctx ends. Then it waits a little for answers and ends every command.
func (w *writer) run(ctx context.Context) {
	w.drive(ctx, func() bool { return false })
	w.queue.expireAll(errStopping)
	windingUp, cancel := context.WithTimeout(context.WithoutCancel(ctx), windUp)
	defer cancel()
	w.drive(windingUp, func() bool { return !w.queue.busy() })
	w.queue.giveUp(errStopping)
}

// drive writes until over returns true or ctx ends.
func (w *writer) drive(ctx context.Context, over func() bool) {
	var t task
	arq.Drive(ctx, w.queue.changed, func(now time.Time) (arq.Step, bool) {
		if over() {
			return arq.Step{}, true
		}
		t = w.queue.next(now, w.pause.err(now))
		return t.Step, false
	}, func(arq.Step) {
		if t.plain {
			w.writePlain(ctx, &t)
		} else {
			w.writeNumbered(ctx, &t)
		}
	})
}

// writeNumbered writes a line of the protocol, and only to the opening of the port for
// which it is meant: the board on the next one may be another. The machine repeats a line
// that is lost.
func (w *writer) writeNumbered(ctx context.Context, t *task) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(t.opening, cancel)()
	w.report.wrote(t.Write)
	_, _ = w.port.Write(ctx, t.Write)
}

// writePlain writes a command to a board that only prints lines.
func (w *writer) writePlain(ctx context.Context, t *task) {
	c := t.command
	ctx, cancel := context.WithDeadlineCause(ctx, t.expires, t.errExpired)
	defer cancel()
	w.journal.Sent(c.ID, c.Line, 0, 0)
	if t.confirm == nil {
		begun, err := w.pause.write(func() (bool, error) { return w.port.Write(ctx, t.Write) })
		w.finish(c, outcome(c, begun, err))
		return
	}
	answer := w.confirm.expect(t.confirm)
	defer w.confirm.stop()
	begun, err := w.pause.write(func() (bool, error) { return w.port.Ask(ctx, t.Write, answer.ask) })
	result := outcome(c, begun, err)
	if err == nil {
		result = answer.await(ctx, result)
	}
	w.finish(c, result)
}
