package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/arq"
	"arduino-gateway/internal/wake"
)

// windUp is how long a stopping device waits for the answers to what it has sent.
const windUp = 500 * time.Millisecond

// serve writes what is to be written until ctx ends; then it waits a little for
// answers, and gives every command its result.
func (d *Device) serve(ctx context.Context) {
	for ctx.Err() == nil {
		d.advance(ctx)
	}
	d.giveUp()
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), windUp)
	defer cancel()
	for end.Err() == nil && d.busy() {
		d.advance(end)
	}
	d.desk.mu.Lock()
	d.desk.exchange.GiveUp(stoppingText)
	d.settle(time.Now())
	d.desk.mu.Unlock()
	d.giveUp() // what came back
}

func (d *Device) busy() bool {
	d.desk.mu.Lock()
	defer d.desk.mu.Unlock()
	return d.desk.exchange.Busy()
}

// giveUp ends what waits.
func (d *Device) giveUp() {
	d.desk.mu.Lock()
	defer d.desk.mu.Unlock()
	d.expireAll(errors.New(stoppingText))
}

// expireAll ends what waits; the desk is locked.
func (d *Device) expireAll(why error) {
	for len(d.desk.queue) > 0 {
		d.expire(d.desk.take(), why)
	}
}

func (d *Device) expire(q request, why error) {
	value := q.value
	if !q.checked {
		value = echo([]byte(q.raw))
	}
	d.finish(q, device.Result{Status: device.Expired, Value: value, Error: why.Error()})
}

// advance does the next thing, or waits for it.
func (d *Device) advance(ctx context.Context) {
	step, plain := d.decide(time.Now())
	switch {
	case plain != nil:
		d.execute(ctx, *plain)
	case step.Write != nil:
		d.transmit(ctx, step)
	default:
		d.await(ctx, step.Until)
	}
}

// decide tells what is to be written now: a line of the exchange, or a request
// to a board that only prints lines.
func (d *Device) decide(now time.Time) (step arq.Step, plain *request) {
	d.desk.mu.Lock()
	defer d.desk.mu.Unlock()
	d.expireOverdue(now)
	d.doubtSilence(now)
	if d.isPlain() && len(d.desk.queue) > 0 {
		return d.nextPlain(now)
	}
	return d.nextOfExchange(now), nil
}

func (d *Device) nextPlain(now time.Time) (arq.Step, *request) {
	q := d.desk.take()
	if err := d.complete(&q); err != nil {
		d.reject(q, err)
		return arq.Step{Until: now}, nil
	}
	return arq.Step{}, &q
}

func (d *Device) nextOfExchange(now time.Time) arq.Step {
	k := d.desk
	for len(k.queue) > 0 && k.exchange.Room() {
		d.put(k.take())
	}
	step := k.exchange.Next(now)
	d.settle(now)
	if f := step.First; f != nil {
		d.Journal.Sent(f.ID, f.Text, k.exchange.Session(), f.Number)
	}
	step.Until = earlier(step.Until, k.doubted)
	for _, q := range k.queue {
		step.Until = earlier(step.Until, d.expires(q))
	}
	return step
}

// earlier gives the one that comes first; zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// doubtSilence no longer expects a board to confirm that says nothing at all,
// unless devices.yaml says that it does.
func (d *Device) doubtSilence(now time.Time) {
	k := d.desk
	if k.doubted.IsZero() || now.Before(k.doubted) {
		return
	}
	k.doubted = time.Time{}
	if d.Describe == nil {
		k.expects = false
	}
}

// isPlain tells that the board can't confirm. The desk is locked.
func (d *Device) isPlain() bool {
	k := d.desk
	return !k.expects && !k.exchange.Speaks() && !k.exchange.Busy()
}

// complete checks a request that had to wait for the board's description.
func (d *Device) complete(q *request) error {
	if q.checked {
		return nil
	}
	if err := d.check(q); err != nil || q.checked {
		return err
	}
	return d.unknown(q.command)
}

func (d *Device) reject(q request, err error) {
	d.finish(q, device.Result{Status: device.Rejected, Value: echo([]byte(q.raw)), Error: err.Error()})
}

// put hands a request to the exchange, unless it can't be sent.
func (d *Device) put(q request) {
	err := d.complete(&q)
	if err == nil {
		err = numbered(q)
	}
	if err != nil {
		d.reject(q, err)
		return
	}
	d.desk.hand[q.id] = q
	d.desk.exchange.Put(arq.Command{ID: q.id, Text: q.line, Expires: d.expires(q)})
}

// expireOverdue ends what has waited too long, and all while the port is given away.
func (d *Device) expireOverdue(now time.Time) {
	k := d.desk
	if err := d.away(); err != nil {
		d.expireAll(err)
	}
	kept := k.queue[:0]
	for _, q := range k.queue {
		if now.Before(d.expires(q)) {
			kept = append(kept, q)
		} else {
			d.expire(q, fmt.Errorf("the board is away, or busy with earlier commands: %w", d.errExpired()))
		}
	}
	k.queue = kept
}

// settle gives results to what the exchange is done with. The desk is locked.
func (d *Device) settle(now time.Time) {
	var back []request
	for _, o := range d.desk.exchange.Outcomes() {
		q := d.desk.hand[o.ID]
		delete(d.desk.hand, o.ID)
		result := device.Result{Value: q.value, Line: q.line}
		switch o.Fate {
		case arq.Done:
			result.Status, result.Reply = device.Done, o.Text
		case arq.Refused:
			result.Status, result.Error = device.Failed, refusal(o.Text)
		case arq.Unknown:
			result.Status, result.Error = device.Failed, mayHaveRun(errors.New(o.Text))
		case arq.Back:
			d.Journal.Back(q.id)
			back = append(back, q)
			continue
		}
		d.finish(q, result)
	}
	if len(back) > 0 {
		d.desk.queue = append(back, d.desk.queue...)
		d.expireOverdue(now)
		d.desk.ring()
	}
}

func refusal(words string) string {
	if words == "" {
		return "the board refused it"
	}
	return words
}

func mayHaveRun(why error) string { return fmt.Sprintf("may have run: %v", why) }

// transmit writes a line of the exchange, to the opening for which it is meant.
// A line that is lost is missed by the exchange.
func (d *Device) transmit(ctx context.Context, step arq.Step) {
	d.desk.mu.Lock()
	opening := d.desk.opening
	d.desk.mu.Unlock()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(opening, cancel)()
	d.noteWritten(step.Write)
	_, _ = d.port.Write(ctx, step.Write)
}

// await waits until serve has something to do.
func (d *Device) await(ctx context.Context, until time.Time) {
	due, stop := wake.At(until)
	defer stop()
	select {
	case <-d.desk.rung:
	case <-due:
	case <-ctx.Done():
	}
}
