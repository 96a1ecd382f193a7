// Package logtest has a log that a test reads while others write it: a logger of
// this program, or another program whose standard error it is.
package logtest

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// patience bounds what may take long on a busy machine; nothing waits for it.
const patience = 60 * time.Second

// Log keeps all that is written to it. It is empty to begin with, and for
// concurrent use.
type Log struct {
	mu      sync.Mutex
	text    strings.Builder
	changed chan struct{} // closed by the next write; nil: nobody waits
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

// String is all that has been written.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Count tells how many lines hold each of the parts.
func (l *Log) Count(parts ...string) int {
	n, _ := l.count(parts)
	return n
}

// count also gives what a write after it closes.
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

// Await returns when a line holds each of the parts, and ends the test if none
// comes.
func (l *Log) Await(tb testing.TB, parts ...string) {
	tb.Helper()
	l.AwaitTimes(tb, 1, parts...)
}

// AwaitTimes returns when so many lines hold each of the parts, and ends the test
// if they do not come.
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
