package mqttbridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"arduino-gateway/internal/mqttconn"
)

// condition is something that can be wrong with a session. The most severe one comes
// first.
type condition int

const (
	notConnected   condition = iota // no broker accepts the session, or the connection was lost
	twin                            // another client seems to use the client ID
	rival                           // another gateway has the client ID or the topics
	shared                          // another client publishes on the session's topics
	notSubscribed                   // the broker has not granted a subscription
	notDelivered                    // the broker drops what the session publishes
	refusedMessage                  // the broker closes the connection over a message, or MQTT cannot carry it
	allConditions                   // their number
)

// problem is a condition that is present.
type problem struct {
	err  error
	text string // of err
}

// mostTexts of a condition are remembered. One cause may show in turns in different
// texts: a broker that requires a certificate resets some connections before its alert
// arrives.
const mostTexts = 8

// conditions has the problem of each condition that is present. Any goroutine may
// use it.
type conditions struct {
	mu      sync.Mutex
	present [allConditions]*problem
	warned  [allConditions][]string // the texts that were logged; none after the condition is over
}

// set keeps a problem, and reports whether its text was not logged yet.
func (c *conditions) set(which condition, p *problem) (fresh bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present[which] = p
	texts := c.warned[which]
	if slices.Contains(texts, p.text) {
		return false
	}
	if len(texts) == mostTexts {
		texts = texts[1:]
	}
	c.warned[which] = append(texts, p.text)
	return true
}

// lapse removes a condition of which nothing is known any more. If the same problem
// comes back, it is not logged again.
func (c *conditions) lapse(which condition) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present[which] = nil
}

// over removes a condition, and reports whether it was logged.
func (c *conditions) over(which condition) (logged bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	logged = len(c.warned[which]) > 0
	c.present[which], c.warned[which] = nil, nil
	return logged
}

// reset removes everything.
func (c *conditions) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.present, c.warned = [allConditions]*problem{}, [allConditions][]string{}
}

// has reports whether a condition is present.
func (c *conditions) has(which condition) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.present[which] != nil
}

// all returns the problems, the most severe first.
func (c *conditions) all() (problems []*problem) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.present {
		if p != nil {
			problems = append(problems, p)
		}
	}
	return problems
}

// raise reports that a condition is present until clear or lapse. It logs what and
// err once for each new text: a broker that is away for a day is one line, not one
// for each attempt. An err ends in a hint if the user can act. Any goroutine may call
// it.
func (s *Session) raise(which condition, what string, err error, fields ...any) {
	if refused, ok := errors.AsType[*mqttconn.RefusedError](err); ok {
		err = &refusal{err, &RefusedError{Code: ConnectCode(refused.Code)}}
	}
	whole, level := fmt.Errorf("%s: %w", what, err), s.level(slog.LevelWarn)
	if s.conditions.set(which, &problem{err: whole, text: whole.Error()}) {
		s.log.Log(context.Background(), level, what, append([]any{"error", err}, fields...)...)
	}
}

// clear reports that a condition is over, and logs that if the condition was logged.
func (s *Session) clear(which condition, what string, fields ...any) {
	if s.conditions.over(which) {
		s.log.Log(context.Background(), s.level(slog.LevelInfo), what, fields...)
	}
}

// level returns the level of a line about a connection. While a twin ends one
// connection after the other, these lines say nothing new.
func (s *Session) level(usual slog.Level) slog.Level {
	if s.conditions.has(twin) {
		return slog.LevelDebug
	}
	return usual
}

// refusal adds the public type of the broker's answer to an error.
type refusal struct {
	error
	refused *RefusedError
}

func (r *refusal) Unwrap() []error { return []error{r.error, r.refused} }
