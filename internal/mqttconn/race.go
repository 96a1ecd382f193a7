package mqttconn

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"arduino-gateway/internal/wake"
)

var (
	errOvertaken = errors.New("given up for the next broker")
	errBeaten    = errors.New("another broker was faster")
)

// entrant is a broker in a race.
type entrant struct {
	broker *url.URL
	silent bool // as far as known
}

// race tries brokers one after the other, and does not wait for a slow one: its
// goroutine decides, one goroutine for each attempt connects.
type race struct {
	brokers  []entrant
	patience time.Duration // for a CONNECT, before it is given up for the next broker
	options  Options
	events   chan event // room for all that attempts send
	wg       sync.WaitGroup

	attempts []*attempt // those begun, by broker
	begun    time.Time  // of the last of them
	waiting  []*attempt // connected, CONNECT not sent
	turn     *attempt   // the one whose CONNECT is on its way
	turnAt   time.Time  // since then
}

// attempt is one connection.
type attempt struct {
	begun  time.Time
	silent bool // as far as known
	cancel context.CancelCauseFunc
	turn   chan struct{} // closed when it may send CONNECT
	opened bool          // it is connected
	over   bool
	err    error
}

// event is what became of an attempt.
type event struct {
	of   int  // broker
	open bool // connected, and waits for its turn; else it is over
	conn *Conn
	err  error
}

// outcome is the end of a race.
type outcome struct {
	conn    *Conn // nil: nobody won
	winner  int
	reputes []repute // of those tried
	err     error    // why nobody won
}

func newRace(brokers []entrant, patience time.Duration, o Options) *race {
	return &race{brokers: brokers, patience: patience, options: o, events: make(chan event, 2*len(brokers))}
}

func (r *race) run(ctx context.Context) outcome {
	all, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	for {
		again := r.step(all, time.Now())
		if len(r.attempts) == len(r.brokers) && !r.running() {
			return outcome{reputes: r.reputes(time.Now()), err: r.failures()}
		}
		timer := wake.At(again)
		select {
		case e := <-r.events:
			if e.conn != nil {
				reputes := r.reputes(time.Now())
				stop(errBeaten)
				r.wg.Wait()
				return outcome{conn: e.conn, winner: e.of, reputes: reputes}
			}
			r.take(e)
		case <-timer.C:
		case <-ctx.Done():
			r.abandon()
			return outcome{err: ctx.Err()}
		}
		timer.Stop()
	}
}

// abandon waits for the attempts, which end with their context.
func (r *race) abandon() {
	r.wg.Wait()
	for len(r.events) > 0 {
		if e := <-r.events; e.conn != nil {
			e.conn.Close()
		}
	}
}

// step begins what is due, and returns when to look again; zero is never.
func (r *race) step(ctx context.Context, now time.Time) (again time.Time) {
	if at := r.due(); !at.IsZero() && !now.Before(at) {
		r.begin(ctx, now)
	}
	if r.turn == nil && len(r.waiting) > 0 {
		r.turn, r.turnAt, r.waiting = r.waiting[0], now, r.waiting[1:]
		close(r.turn.turn)
	}
	again = r.due()
	if r.turn == nil || len(r.waiting) == 0 {
		return again
	}
	end := r.turnEnds(!slices.ContainsFunc(r.waiting, func(a *attempt) bool { return !a.silent }))
	if !now.Before(end) {
		r.turn.cancel(fmt.Errorf("no answer within %v: %w: %w", now.Sub(r.turnAt).Round(time.Second), errOvertaken, os.ErrDeadlineExceeded)) // its end is an event
		return again
	}
	if again.IsZero() || end.Before(again) {
		return end
	}
	return again
}

// turnEnds returns when the CONNECT that is on its way is given up for another broker.
// It is not for one that is silent, unless the broker that has the turn was so, too.
func (r *race) turnEnds(forSilent bool) time.Time {
	if forSilent && !r.turn.silent {
		return r.turnAt.Add(r.options.Times.Connect)
	}
	return r.turnAt.Add(r.patience)
}

// due returns when to try one more broker; zero is not now. None is connected early: a
// broker may close a connection that sends no CONNECT for two seconds.
func (r *race) due() time.Time {
	n := len(r.attempts)
	switch {
	case n == len(r.brokers) || len(r.waiting) > 0:
		return time.Time{}
	case n == 0:
		return time.Unix(0, 0)
	case r.turn == nil && r.attempts[n-1].over:
		return r.begun
	}
	at := r.begun.Add(ahead)
	if r.attempts[n-1].over {
		at = r.begun
	}
	if r.turn != nil {
		if end := r.turnEnds(r.brokers[n].silent); end.After(at) {
			at = end
		}
	}
	return at
}

func (r *race) begin(ctx context.Context, now time.Time) {
	number := len(r.attempts)
	own, cancel := context.WithCancelCause(ctx)
	a := &attempt{begun: now, silent: r.brokers[number].silent, cancel: cancel, turn: make(chan struct{})}
	r.attempts, r.begun = append(r.attempts, a), now
	r.wg.Go(func() {
		defer cancel(nil)
		conn, err := dialInTurn(own, r.brokers[number].broker, r.options, func(ctx context.Context) error {
			r.events <- event{of: number, open: true}
			select {
			case <-a.turn:
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		r.events <- event{of: number, conn: conn, err: err}
	})
}

// take notes what became of an attempt that has not won.
func (r *race) take(e event) {
	a := r.attempts[e.of]
	if e.open {
		a.opened = true
		r.waiting = append(r.waiting, a)
		return
	}
	a.over, a.err = true, e.err
	r.waiting = slices.DeleteFunc(r.waiting, func(other *attempt) bool { return other == a })
	if r.turn == a {
		r.turn = nil
	}
	if r.options.Failed != nil {
		r.options.Failed()
	}
}

func (r *race) running() bool {
	return slices.ContainsFunc(r.attempts, func(a *attempt) bool { return !a.over })
}

// reputes returns what the race has shown of each broker that was tried. One that has
// refused the client, or closed the connection, has answered. One that waits for its turn
// was not asked.
func (r *race) reputes(now time.Time) []repute {
	reputes := make([]repute, len(r.attempts))
	for i, a := range r.attempts {
		switch {
		case errors.Is(a.err, errOvertaken), !a.over && !a.opened && now.Sub(a.begun) >= ahead:
			reputes[i] = slow
		case a.over && isSilence(a.err):
			reputes[i] = silent
		}
	}
	return reputes
}

func (r *race) failures() (failures error) {
	for _, a := range r.attempts {
		failures = join(failures, a.err)
	}
	return failures
}
