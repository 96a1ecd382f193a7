package logging

import (
	"cmp"
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	repeatAfter = time.Minute // between two equal messages
	maxMessages = 512         // different messages remembered
)

// deviceKey is the attribute with the device of a record. Equal messages about two
// devices are different. So are those about two ports that no device has, and those
// about two boards, which have an ID, at one port.
const (
	deviceKey = "device"
	portKey   = "port"
	idKey     = "id"
)

// key is equal for records that count as the same.
type key struct {
	level   slog.Level
	message string
	subject string // a device, else a port; "" is the gateway
	id      string // of a board that is not a device; "" is none
}

// lastWrite is the time of the last written message, and how many were omitted since.
type lastWrite struct {
	at      time.Time
	omitted int
	fresh   bool // a warning about the subject was written since: the message may be repeated
}

// limiter decides which records are written. It uses no clock.
type limiter struct {
	known map[key]lastWrite // at most maxMessages
}

// decide reports whether to write the record, and how many records like it were omitted
// since the last one.
func (l *limiter) decide(k key, now time.Time) (write bool, omitted int) {
	last, known := l.known[k]
	age := now.Sub(last.at)
	if known && age >= 0 && age < repeatAfter && !last.fresh { // after the clock was set back, count from now
		last.omitted++
		l.known[k] = last
		return false, 0
	}
	if !known && len(l.known) >= maxMessages {
		l.forget(now)
	}
	l.known[k] = lastWrite{at: now}
	if k.level >= slog.LevelWarn {
		l.refresh(k.subject)
	}
	return true, last.omitted
}

// refresh lets messages about the subject below a warning be written once more, such as
// that it is back. Warnings stay limited, and so do the messages that each one allows.
func (l *limiter) refresh(subject string) {
	l.refreshWhere(func(k key) bool { return k.subject == subject })
}

func (l *limiter) refreshWhere(matches func(key) bool) {
	for k, h := range l.known {
		if matches(k) && k.level < slog.LevelWarn {
			h.fresh = true
			l.known[k] = h
		}
	}
}

// forget removes the messages that may be written again and omitted nothing. If there
// are none, it removes the one that was written longest ago.
func (l *limiter) forget(now time.Time) {
	var oldest key
	first := true
	for k, h := range l.known {
		if h.omitted == 0 && now.Sub(h.at) >= repeatAfter {
			delete(l.known, k)
		} else if first || h.at.Before(l.known[oldest].at) {
			oldest, first = k, false
		}
	}
	if len(l.known) >= maxMessages {
		delete(l.known, oldest)
	}
}

type alwaysKey struct{}

// Always returns a context whose records are always written: a person who asked for
// something, such as a reload, finds the result in the log. Messages that may follow,
// such as that a device connects again, may be written once more.
func Always(ctx context.Context) context.Context {
	return context.WithValue(ctx, alwaysKey{}, true)
}

// subject is what the attributes of a record say it is about.
type subject struct{ device, port, id string }

func (s *subject) add(a slog.Attr) {
	switch a.Key {
	case deviceKey:
		s.device = a.Value.String()
	case portKey:
		s.port = a.Value.String()
	case idKey:
		s.id = a.Value.String()
	}
}

// limited is a handler around another. Handlers derived with WithAttrs and WithGroup
// share its limiter.
type limited struct {
	next    slog.Handler
	shared  *sharedLimiter
	subject subject // of WithAttrs
	grouped bool    // attributes are inside a group, where device means something else
}

type sharedLimiter struct {
	mu sync.Mutex
	limiter
}

func newLimited(next slog.Handler) *limited {
	return &limited{next: next, shared: &sharedLimiter{limiter: limiter{known: map[key]lastWrite{}}}}
}

func (l *limited) Enabled(ctx context.Context, level slog.Level) bool {
	return l.next.Enabled(ctx, level)
}

func (l *limited) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelInfo || r.Time.IsZero() {
		return l.next.Handle(ctx, r)
	}
	k := l.keyOf(r)
	if ctx.Value(alwaysKey{}) != nil {
		l.shared.mu.Lock()
		l.shared.refreshWhere(func(other key) bool { return k.subject == "" || other.subject == k.subject })
		l.shared.mu.Unlock()
		return l.next.Handle(ctx, r)
	}
	l.shared.mu.Lock()
	write, omitted := l.shared.decide(k, r.Time)
	l.shared.mu.Unlock()
	if !write {
		return nil
	}
	if omitted > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("repeated", omitted))
	}
	return l.next.Handle(ctx, r)
}

func (l *limited) keyOf(r slog.Record) key {
	s := l.subject
	if !l.grouped {
		r.Attrs(func(a slog.Attr) bool {
			s.add(a)
			return true
		})
	}
	return key{level: r.Level, message: r.Message, subject: cmp.Or(s.device, s.port), id: s.id}
}

func (l *limited) WithAttrs(attrs []slog.Attr) slog.Handler {
	derived := *l
	derived.next = l.next.WithAttrs(attrs)
	for _, a := range attrs {
		if !l.grouped {
			derived.subject.add(a)
		}
	}
	return &derived
}

func (l *limited) WithGroup(name string) slog.Handler {
	derived := *l
	derived.next = l.next.WithGroup(name)
	derived.grouped = l.grouped || name != ""
	return &derived
}
