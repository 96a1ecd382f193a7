package mqttbridge

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"arduino-gateway/internal/mqttconn"
	"arduino-gateway/internal/wake"
)

// Rival is another gateway with this session's client ID or topics.
type Rival struct {
	Who     string // in words, with a hint: gateway "pi" on host attic, since … (hint: …)
	First   bool   // it was there first: a session that it disconnects gives way to it
	OtherID bool   // it has the topics, and perhaps other client IDs
}

const (
	// yieldMin is how long a session gives way, unless the rival is gone before. It
	// doubles up to yieldMax.
	yieldMin = 5 * time.Minute
	yieldMax = 30 * time.Minute
	// suspectMost is how many times the longest wait for a broker the pause may be after
	// connections that ended early, while no rival is known: perhaps the network is bad,
	// and lines wait. The first pause is a tenth of that wait.
	suspectMost  = 3
	suspectFirst = 10
)

// rivalry is what a session knows about a rival. Any goroutine may use it.
type rivalry struct {
	changed wake.Signal // for the goroutine of Run

	mu    sync.Mutex
	rival *Rival // nil: none is known
}

// get returns the rival; nil: none is known.
func (r *rivalry) get() *Rival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rival
}

// first returns the rival if it was there first.
func (r *rivalry) first() *Rival {
	if one := r.get(); one != nil && one.First {
		return one
	}
	return nil
}

// swap sets the rival and returns the one before.
func (r *rivalry) swap(next *Rival) (before *Rival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, r.rival = r.rival, next
	return before
}

// SetRival tells the session that another gateway has its client ID or topics, or with
// nil that none has. The session reports it. It keeps publishing, unless the rival was
// there first and takes its client ID: then it waits, for minutes, until the rival is
// gone.
func (s *Session) SetRival(next *Rival) {
	before := s.rivalry.swap(next)
	switch {
	case next == nil && before != nil:
		s.clear(rival, "the other gateway is gone")
	case next != nil && (before == nil || *before != *next):
		s.conditions.over(twin) // now it is known who
		s.raise(rival, "another gateway is there", errors.New(next.Who))
	}
	s.rivalry.changed.Set()
}

// yield waits while a rival that was there first has the client ID. It returns at the
// latest after a pause that grows with each call, to try again: perhaps nothing more is
// heard of the rival.
func (s *Session) yield(ctx context.Context) {
	over := time.NewTimer(min(yieldMin<<min(s.yields, 10), yieldMax))
	defer over.Stop()
	s.yields++
	s.conditions.lapse(rival) // it is named as the reason
	defer s.reportRival()
	first := s.rivalry.first()
	for ; first != nil; first = s.rivalry.first() {
		s.raise(notConnected, "gives way", errors.New(first.Who), "client_id", s.options.ClientID)
		select {
		case <-s.rivalry.changed:
		case <-over.C:
			return
		case <-ctx.Done():
			return
		}
	}
	s.log.Info("connects again: the other gateway is gone", "client_id", s.options.ClientID)
	s.yields = 0
}

// pauseAfter waits before the next connection; early: the broker closed the last one soon
// after it had accepted it.
func (s *Session) pauseAfter(ctx context.Context, backoff mqttconn.Backoff, early bool) {
	backoff.Sleep(ctx)
	if !early {
		return
	}
	if pause := suspectPause(s.takeovers.row, s.longest); pause > 0 && s.rivalry.get() == nil {
		select {
		case <-time.After(pause/2 + rand.N(pause/2)): // two that pause alike would meet again
		case <-s.rivalry.changed:
		case <-ctx.Done():
		}
	}
	if s.givesWay() {
		s.yield(ctx)
	}
}

// givesWay reports whether a rival ended the last connection, which the broker closed
// early. One with another gateway ID seldom has this client ID, and may be long gone if
// the broker has kept its status: then it was perhaps the broker itself that closed.
func (s *Session) givesWay() bool {
	r := s.rivalry.first()
	return r != nil && (!r.OtherID || s.takeovers.row >= takeoverCount)
}

// suspectPause bounds the pause after so many connections in a row that the broker closed
// early; longest is the longest wait after others. It grows, so that two clients with one
// ID disconnect each other more and more seldom.
func suspectPause(row int, longest time.Duration) time.Duration {
	if row < takeoverCount {
		return 0
	}
	return min(longest/suspectFirst<<min(row-takeoverCount, 10), suspectMost*longest)
}

// reportRival reports the rival again after the conditions were reset.
func (s *Session) reportRival() {
	if r := s.rivalry.get(); r != nil {
		s.raise(rival, "another gateway is there", errors.New(r.Who))
	}
}
