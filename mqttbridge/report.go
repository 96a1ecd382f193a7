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

// note keeps err for Stats and Err, and reports whether it differs from the last.
func (s *Session) note(err error) (fresh bool) {
	if refused, ok := errors.AsType[*mqttconn.RefusedError](err); ok {
		err = &refusal{err, &RefusedError{Code: ConnectCode(refused.Code)}}
	}
	now := &problem{err: err, text: err.Error()}
	before := s.counted.problem.Swap(now)
	return before == nil || before.text != now.text
}

// refusal adds the public type of the broker's answer to an error.
type refusal struct {
	error
	refused *RefusedError
}

func (r *refusal) Unwrap() []error { return []error{r.error, r.refused} }

// recovered logs a connection, and clears the problem unless a takeover is
// suspected.
func (s *Session) recovered(c *mqttconn.Conn) {
	if !s.suspected {
		s.counted.problem.Store(nil)
	}
	s.log.Log(context.Background(), s.level(slog.LevelInfo), "connected", "broker", c.Broker(), "session_present", c.SessionPresent())
}

// level returns the level for connects and losses: debug after a suspected takeover
// was logged.
func (s *Session) level(usual slog.Level) slog.Level {
	if s.suspected {
		return slog.LevelDebug
	}
	return usual
}

// watch detects another client with the same ID.
func (s *Session) watch(lived time.Duration, err error) {
	suspect := s.takeovers.lost(lived, mqttconn.ClosedByPeer(err))
	if suspect {
		s.counted.takeovers.Add(1)
	}
	if suspect && !s.suspected {
		const text = "the broker keeps closing the connection soon after accepting it"
		const hint = "look in the log of the broker: another client may use this client ID, or an access rule or a size limit may refuse a message"
		s.note(errors.New(text + " (hint: " + hint + ")"))
		s.log.Warn(text, "client_id", s.options.ClientID, "connections", takeoverCount, "each_within", takeoverWithin, "hint", hint)
	}
	s.suspected = suspect
}
