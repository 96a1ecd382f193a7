package logging

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	repeatAfter = time.Minute // between two equal messages
	maxMessages = 512         // different messages remembered
)

// deviceKey is the attribute that says which device a record is about.
const deviceKey = "device"

// key is what makes two records the same.
type key struct {
	level   slog.Level
	message string
	device  string
}

// heard is when a message was last written, and how many were left out since.
type heard struct {
	at      time.Time
	omitted int
	news    bool // a warning about the same device was written since: to say it again is no repeat
}

// limiter decides which records are written; it knows no clock.
type limiter struct {
	known map[key]heard // at most maxMessages
}

// decide says whether the record is to be written and, if so, how many like it
// were left out since the last.
func (l *limiter) decide(k key, now time.Time) (write bool, omitted int) {
	last, known := l.known[k]
	age := now.Sub(last.at)
	if known && age >= 0 && age < repeatAfter && !last.news { // a clock set back begins anew
		last.omitted++
		l.known[k] = last
		return false, 0
	}
	if !known && len(l.known) >= maxMessages {
		l.forget(now)
	}
	l.known[k] = heard{at: now}
	if k.level >= slog.LevelWarn {
		l.refresh(k.device)
	}
	return true, last.omitted
}

// refresh lets the device's good news be told again, such as that it is back, so
// that a warning is not the log's last word when all is well. Warnings stay
// limited, and so does what each of them lets through.
func (l *limiter) refresh(device string) {
	l.refreshWhere(func(k key) bool { return k.device == device })
}

func (l *limiter) refreshWhere(meant func(key) bool) {
	for k, h := range l.known {
		if meant(k) && k.level < slog.LevelWarn {
			h.news = true
			l.known[k] = h
		}
	}
}

// forget makes room: all that may be written again anyway and left nothing out,
// else the message that was silent for longest.
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

// Answer gives a context whose records are always written: a person who asked
// for something, such as a reload, reads in the log what became of it. What
// follows from it, such as that a device connects again, may be told once more.
func Always(ctx context.Context) context.Context {
	return context.WithValue(ctx, alwaysKey{}, true)
}

// limited is the handler around another; what WithAttrs and WithGroup derive
// from it shares its memory.
type limited struct {
	next    slog.Handler
	shared  *sharedLimiter
	device  string // of WithAttrs
	grouped bool   // attributes are now inside a group, where device means something else
}

type sharedLimiter struct {
	mu sync.Mutex
	limiter
}

func newLimited(next slog.Handler) *limited {
	return &limited{next: next, shared: &sharedLimiter{limiter: limiter{known: map[key]heard{}}}}
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
		l.shared.refreshWhere(func(other key) bool { return k.device == "" || other.device == k.device })
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
	k := key{level: r.Level, message: r.Message, device: l.device}
	if !l.grouped {
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == deviceKey {
				k.device = a.Value.String()
			}
			return a.Key != deviceKey
		})
	}
	return k
}

func (l *limited) WithAttrs(attrs []slog.Attr) slog.Handler {
	derived := *l
	derived.next = l.next.WithAttrs(attrs)
	for _, a := range attrs {
		if a.Key == deviceKey && !l.grouped {
			derived.device = a.Value.String()
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
