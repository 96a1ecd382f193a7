package mqttbridge

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"arduino-gateway/internal/mqttconn"
)

// A subscription that is not granted is asked for again after this time, which
// doubles each time up to the longest.
const (
	firstAskAgain   = 5 * time.Second
	longestAskAgain = time.Minute
)

var (
	errNotGranted = errors.New("the broker refuses the subscription (hint: let this user read the topic in the broker's access rules)")
	errNoSuback   = errors.New("the broker does not answer SUBSCRIBE (hint: is it still starting, or is its cluster incomplete? see the broker's log)")
)

// askAgain returns how long to wait for the answers after so many requests.
func askAgain(requests int) time.Duration {
	wait := firstAskAgain
	for ; requests > 1 && wait < longestAskAgain; requests-- {
		wait *= 2
	}
	return min(wait, longestAskAgain)
}

// request is the subscription to one filter.
type request struct {
	filter string
	state  subscription
	err    error // why it is denied
}

// requests are all subscriptions of a connection. That to the commands is the first.
type requests []request

// answer takes the answer to one of them, and ignores one to what was not asked for.
func (r requests) answer(a mqttconn.Answer) {
	if a.Number >= len(r) {
		return
	}
	if r[a.Number].state, r[a.Number].err = granted, nil; !a.Granted {
		r[a.Number].state, r[a.Number].err = denied, errNotGranted
	}
}

// late denies those without an answer.
func (r requests) late() {
	for i := range r {
		if r[i].state == asked {
			r[i].state, r[i].err = denied, errNoSuback
		}
	}
}

// missing reports whether one of them is not granted.
func (r requests) missing() bool {
	return slices.ContainsFunc(r, func(one request) bool { return one.state != granted })
}

// err returns why the first one that is denied is.
func (r requests) err() error {
	for _, one := range r {
		if one.state == denied {
			return fmt.Errorf("%s: %w", one.filter, one.err)
		}
	}
	return nil
}

// subscribe asks for the session's topics until the broker has granted all of them, or
// until the connection is lost or ctx ends. Meanwhile the session publishes.
func (s *Session) subscribe(ctx context.Context, conn *mqttconn.Conn) {
	var all requests
	for _, filter := range s.options.filters() {
		all = append(all, request{filter: filter})
	}
	for count := 1; all.missing(); count++ {
		for number, one := range all {
			if one.state == granted {
				continue
			}
			if err := conn.Ask(number, one.filter); err != nil {
				all[number].state, all[number].err = denied, err
			}
		}
		if !s.awaitAnswers(ctx, conn, all, askAgain(count)) {
			return
		}
	}
	s.clear(notSubscribed, "subscribed")
}

// awaitAnswers takes the answers that come within the time, and returns early if all
// subscriptions are granted. It reports whether to go on.
func (s *Session) awaitAnswers(ctx context.Context, conn *mqttconn.Conn, all requests, limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for all.missing() {
		select {
		case a := <-conn.Answers():
			all.answer(a)
			s.answered(all)
		case <-timer.C:
			all.late()
			s.answered(all)
			return true
		case <-conn.Lost():
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// answered reports what the broker has answered so far.
func (s *Session) answered(all requests) {
	if s.options.Topic != "" {
		s.presence.set(all[0].state)
	}
	if err := all.err(); err != nil {
		s.raise(notSubscribed, "not subscribed", err)
	}
}
