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
	errOvertaken = fmt.Errorf("no answer within %v: %w", ahead, os.ErrDeadlineExceeded)
	errBeaten    = errors.New("another broker was faster")
)

// race tries brokers one after the other, and does not wait for a slow one: its
// goroutine decides, one goroutine for each attempt connects.
type race struct {
	brokers []*url.URL
	patient []bool // by broker: it is known to be slow, and has the whole time for its CONNACK
	options Options
	events  chan event // room for all that attempts send
	wg      sync.WaitGroup

	attempts []*attempt // those begun, by broker
	begun    time.Time  // of the last of them
	waiting  []*attempt // connected, CONNECT not sent
	turn     *attempt   // the one whose CONNECT is on its way
	turnAt   time.Time  // since then
}

// attempt is one connection.
type attempt struct {
	begun   time.Time
	patient bool
	cancel  context.CancelCauseFunc
	turn    chan struct{} // closed when it may send CONNECT
	over    bool
	took    time.Duration // until it was over
	err     error
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
	conn   *Conn // nil: nobody won
	winner int
	hung   []int // brokers that took longer than ahead
	err    error // why nobody won
}

func newRace(brokers []*url.URL, patient []bool, o Options) *race {
	return &race{brokers: brokers, patient: patient, options: o, events: make(chan event, 2*len(brokers))}
}

func (r *race) run(ctx context.Context) outcome {
	all, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	for {
		again := r.step(all, time.Now())
		if len(r.attempts) == len(r.brokers) && !r.running() {
			return outcome{hung: r.hung(time.Now()), err: r.failures()}
		}
		timer := wake.At(again)
		select {
		case e := <-r.events:
			if e.conn != nil {
				hung := r.hung(time.Now())
				stop(errBeaten)
				r.wg.Wait()
				return outcome{conn: e.conn, winner: e.of, hung: hung}
			}
			r.take(e, time.Now())
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
	if r.due(now) {
		r.begin(ctx, now)
	}
	if len(r.attempts) < len(r.brokers) {
		again = r.begun.Add(ahead)
	}
	if len(r.waiting) == 0 {
		return again
	}
	switch end := r.turnAt.Add(ahead); {
	case r.turn == nil:
		r.turn, r.turnAt, r.waiting = r.waiting[0], now, r.waiting[1:]
		close(r.turn.turn)
	case r.turn.patient:
	case !now.Before(end):
		r.turn.cancel(errOvertaken) // its end is an event
	case again.IsZero() || end.Before(again):
		return end
	}
	return again
}

// due reports whether to try one more broker.
func (r *race) due(now time.Time) bool {
	n := len(r.attempts)
	return n < len(r.brokers) && (n == 0 || r.attempts[n-1].over || !now.Before(r.begun.Add(ahead)))
}

func (r *race) begin(ctx context.Context, now time.Time) {
	number := len(r.attempts)
	own, cancel := context.WithCancelCause(ctx)
	a := &attempt{begun: now, patient: r.patient[number], cancel: cancel, turn: make(chan struct{})}
	r.attempts, r.begun = append(r.attempts, a), now
	r.wg.Go(func() {
		defer cancel(nil)
		conn, err := dialInTurn(own, r.brokers[number], r.options, func(ctx context.Context) error {
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
func (r *race) take(e event, now time.Time) {
	a := r.attempts[e.of]
	if e.open {
		r.waiting = append(r.waiting, a)
		return
	}
	a.over, a.took, a.err = true, now.Sub(a.begun), e.err
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

// hung returns the brokers that have not answered within ahead. One that has refused the
// client has answered.
func (r *race) hung(now time.Time) (hung []int) {
	for i, a := range r.attempts {
		_, refused := errors.AsType[*RefusedError](a.err)
		switch {
		case a == r.turn, refused:
		case a.over && a.took >= ahead, !a.over && now.Sub(a.begun) >= ahead:
			hung = append(hung, i)
		}
	}
	return hung
}

func (r *race) failures() (failures error) {
	for _, a := range r.attempts {
		failures = join(failures, a.err)
	}
	return failures
}
