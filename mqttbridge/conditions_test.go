package mqttbridge

import (
	"errors"
	"log/slog"
	"slices"
	"testing"

	"arduino-gateway/internal/logtest"
)

// logged returns a session that does not run, and its log.
func logged(t *testing.T) (*Session, *logtest.Log) {
	t.Helper()
	log := new(logtest.Log)
	return New(deviceOptions(), nil, nil, slog.New(slog.NewTextHandler(log, nil))), log
}

// All conditions are reported, the worst first, each until it is over.
func TestConditions_WorstFirst(t *testing.T) {
	s, _ := logged(t)
	refused := errors.New("refused (hint: ask)")
	s.raise(notSubscribed, "not subscribed", refused)
	s.raise(notConnected, "connection lost", errors.New("EOF"))
	s.raise(twin, "connections end early", refused)
	want := []string{"connection lost: EOF", "connections end early: refused (hint: ask)", "not subscribed: refused (hint: ask)"}
	if got := s.Stats(); !slices.Equal(got.Problems, want) || got.Problem != want[0] || s.Err().Error() != want[0] {
		t.Errorf("%q, first %q, %v", got.Problems, got.Problem, s.Err())
	}
	s.clear(notConnected, "connected")
	s.clear(twin, "connected")
	if got := s.Stats(); !slices.Equal(got.Problems, want[2:]) || !errors.Is(s.Err(), refused) {
		t.Errorf("%q, %v", got.Problems, s.Err())
	}
	s.conditions.lapse(notSubscribed)
	if got := s.Stats(); got.Problems != nil || got.Problem != "" || s.Err() != nil {
		t.Errorf("%q, %v", got.Problems, s.Err())
	}
}

// A problem is logged once for each new text, and its end if it was logged.
func TestConditions_LoggedOnce(t *testing.T) {
	s, log := logged(t)
	expect := func(lines int, what string) {
		t.Helper()
		if got := log.Count(); got != lines {
			t.Errorf("%s: %d lines, want %d:\n%s", what, got, lines, log)
		}
	}
	raise := func(text string) { s.raise(notSubscribed, "not subscribed", errors.New(text), "retry", "5s") }
	s.clear(notSubscribed, "subscribed")
	expect(0, "nothing was wrong")
	raise("refused")
	raise("refused")
	expect(1, "the same text")
	raise("no answer")
	expect(2, "another text")
	raise("refused")
	raise("no answer")
	expect(2, "the two in turns")
	s.conditions.lapse(notSubscribed)
	raise("no answer")
	expect(2, "the same after a lapse")
	s.clear(notSubscribed, "subscribed")
	s.clear(notSubscribed, "subscribed")
	expect(3, "over")
	raise("no answer")
	expect(4, "again")
	if log.Count("level=WARN", "not subscribed", "error=\"no answer\"", "retry=5s") != 2 || log.Count("level=INFO", "msg=subscribed") != 1 {
		t.Error(log)
	}
}
