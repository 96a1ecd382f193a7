package mqttbridge

import (
	"context"
	"log/slog"
	"time"
)

// problem reports that the session is not well, once for each new reason: a
// broker that is away for a day is one line, not a line an attempt.
func (s *Session) problem(what string, err error) {
	text := what + ": " + err.Error()
	if before := s.counted.problem.Swap(&text); before != nil && *before == text {
		return
	}
	s.log.Log(context.Background(), s.level(slog.LevelWarn), what, "error", err)
}

// recovered reports a connection.
func (s *Session) recovered(c *connection) {
	if !s.suspected {
		s.counted.problem.Store(nil)
	}
	s.log.Log(context.Background(), s.level(slog.LevelInfo), "connected", "broker", c.broker.Redacted(), "session_present", c.sessionPresent())
}

// level mutes the come and go of a takeover, once that was reported.
func (s *Session) level(usual slog.Level) slog.Level {
	if s.suspected {
		return slog.LevelDebug
	}
	return usual
}

// watch looks for another client with the same ID.
func (s *Session) watch(lived time.Duration, err error) {
	suspect := s.takeovers.lost(lived, closedByPeer(err))
	if suspect {
		s.counted.takeovers.Add(1)
	}
	if suspect && !s.suspected {
		const text = "the broker closes every connection soon after accepting it"
		const hint = "another client with this client ID? Each needs its own client_id"
		problem := text + " (hint: " + hint + ")"
		s.counted.problem.Store(&problem)
		s.log.Warn(text, "client_id", s.options.ClientID, "hint", hint)
	}
	s.suspected = suspect
}
