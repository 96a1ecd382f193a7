package mqtttest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/wake"
)

// Source holds lines in memory, in the order of their numbers, and checks how a
// session uses it.
type Source struct {
	t     testing.TB
	ready wake.Signal

	mu    sync.Mutex
	lines []device.Line
	given int
	acked uint64 // the last seq
	total int    // acknowledged lines
}

// NewSource returns an empty source.
func NewSource(t testing.TB) *Source { return &Source{t: t, ready: wake.NewSignal()} }

// Add appends lines.
func (s *Source) Add(all ...device.Line) {
	s.mu.Lock()
	s.lines = append(s.lines, all...)
	s.mu.Unlock()
	s.ready.Set()
}

// Next returns the next line, as the session expects it.
func (s *Source) Next() (device.Line, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given == len(s.lines) {
		return device.Line{}, false
	}
	s.given++
	return s.lines[s.given-1], true
}

// Ack fails the test if lines are acknowledged out of order, or before Next
// returned them.
func (s *Source) Ack(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if seq <= s.acked {
		s.t.Errorf("ack of %d after %d", seq, s.acked)
	}
	s.acked = seq
	for len(s.lines) > 0 && s.lines[0].Seq <= seq {
		if s.given == 0 {
			s.t.Errorf("ack of %d, which was not given since the last rewind", seq)
			return
		}
		s.lines = s.lines[1:]
		s.given--
		s.total++
	}
}

// Rewind begins again with the first line not acknowledged.
func (s *Source) Rewind() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given = 0
}

// Ready is signalled by Add.
func (s *Source) Ready() <-chan struct{} { return s.ready }

// Acked counts the acknowledged lines.
func (s *Source) Acked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Numbered returns a line with one reading n, whose value is its seq.
func Numbered(seq uint64) device.Line {
	return device.Line{Time: time.UnixMilli(1767323045678), Seq: seq,
		Readings: []device.Reading{{Name: "n", Value: fmt.Sprint(seq)}}}
}
