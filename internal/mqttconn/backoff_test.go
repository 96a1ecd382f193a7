package mqttconn

import (
	"slices"
	"testing"
	"time"
)

// The bound doubles up to its maximum, and starts again after a long connection.
func TestBackoff(t *testing.T) {
	b := NewBackoff(250*time.Millisecond, 30*time.Second)
	var bounds []time.Duration
	for range 10 {
		b.Failed()
		bounds = append(bounds, b.wait(1))
	}
	s := time.Second
	want := []time.Duration{s / 4, s / 2, s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s, 30 * s}
	if !slices.Equal(bounds, want) {
		t.Errorf("%v, want %v", bounds, want)
	}
	if got := b.wait(0); got != 0 {
		t.Errorf("the shortest wait is %v", got)
	}
	b.Lost(SettledAfter - 1) // lost early: no reason to hurry
	if got := b.wait(1); got != 30*s {
		t.Error(got)
	}
	b.Lost(SettledAfter)
	if got := b.wait(1); got != s/4 {
		t.Error(got)
	}
}

// A keep-alive is rounded to whole seconds, never to none.
func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		time.Millisecond: time.Second, 1600 * time.Millisecond: 2 * time.Second, 100 * time.Hour: 65535 * time.Second,
	} {
		if got := seconds(d); got != want {
			t.Errorf("%v: %v, want %v", d, got, want)
		}
	}
}
