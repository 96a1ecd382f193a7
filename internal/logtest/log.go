// Package logtest has a log that a test can read while a logger, or the standard
// error of another program, is written to it.
package logtest

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds each wait. A busy machine may be slow.
const patience = 60 * time.Second

// Log keeps everything that is written to it. The zero Log is empty and ready for
// concurrent use.
type Log struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed by the next write; nil: no test waits
}

// Write never fails.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
	return l.text.Write(p)
}

// String returns everything written so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Count returns how many lines contain all parts.
func (l *Log) Count(parts ...string) int {
	n, _ := l.count(parts)
	return n
}

// count also returns a channel that the next write closes.
func (l *Log) count(parts []string) (n int, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.text.String()) {
		if holds(line, parts) {
			n++
		}
	}
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return n, l.changed
}

func holds(line string, parts []string) bool {
	for _, part := range parts {
		if !strings.Contains(line, part) {
			return false
		}
	}
	return true
}

// Await returns when a line contains all parts, and fails the test if none comes.
func (l *Log) Await(tb testing.TB, parts ...string) {
	tb.Helper()
	l.AwaitTimes(tb, 1, parts...)
}

// AwaitTimes returns when that many lines contain all parts, and fails the test if
// they do not come.
func (l *Log) AwaitTimes(tb testing.TB, times int, parts ...string) {
	tb.Helper()
	late := time.After(patience)
	for {
		n, changed := l.count(parts)
		if n >= times {
			return
		}
		select {
		case <-changed:
		case <-late:
			tb.Fatalf("%d lines with %q, want %d, in\n%s", n, parts, times, l)
		}
	}
}
