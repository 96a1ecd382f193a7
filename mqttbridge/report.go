package mqttbridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"arduino-gateway/internal/mqttconn"
)

// problem reports that the session is not well, once for each new reason: a
// broker that is away for a day is one log line, not one for each attempt.
func (s *Session) problem(what string, err error) {
	if s.note(fmt.Errorf("%s: %w", what, err)) {
		s.log.Log(context.Background(), s.level(slog.LevelWarn), what, "error", err)
	}
}

// note keeps err for Stats and Err, and reports whether it is another one.
func (s *Session) note(err error) (fresh bool) {
	if refused, ok := errors.AsType[*mqttconn.RefusedError](err); ok {
		err = &refusal{err, &RefusedError{Code: ConnectCode(refused.Code)}}
	}
	now := &problem{err: err, text: err.Error()}
	before := s.counted.problem.Swap(now)
	return before == nil || before.text != now.text
}

// refusal is an error with the public type of the broker's answer in it.
type refusal struct {
	error
	refused *RefusedError
}

func (r *refusal) Unwrap() []error { return []error{r.error, r.refused} }

// recovered reports a connection.
func (s *Session) recovered(c *mqttconn.Conn) {
	if !s.suspected {
		s.counted.problem.Store(nil)
	}
	s.log.Log(context.Background(), s.level(slog.LevelInfo), "connected", "broker", c.Broker(), "session_present", c.SessionPresent())
}

// level mutes connects and losses while a takeover is suspected and reported.
func (s *Session) level(usual slog.Level) slog.Level {
	if s.suspected {
		return slog.LevelDebug
	}
	return usual
}

// watch looks for another client with the same ID.
func (s *Session) watch(lived time.Duration, err error) {
	suspect := s.takeovers.lost(lived, mqttconn.ClosedByPeer(err))
	if suspect {
		s.counted.takeovers.Add(1)
	}
	if suspect && !s.suspected {
		const text = "the broker closes every connection soon after accepting it"
		const hint = "another client with this client ID? Each needs its own client_id"
		s.note(errors.New(text + " (hint: " + hint + ")"))
		s.log.Warn(text, "client_id", s.options.ClientID, "hint", hint)
	}
	s.suspected = suspect
}
