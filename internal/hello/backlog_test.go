package hello

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A Backlog keeps the newest lines within its bound and returns the others, oldest first,
// however long the lines are.
func TestBacklog_KeepsTheNewestWithinItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Backlog
		var printed, dropped []string
		longest := rapid.SampledFrom([]int{10_000, 100_000}).Draw(t, "longest")
		for i := range rapid.IntRange(1, 100).Draw(t, "lines") {
			text := []byte(strings.Repeat(string(rune('a'+i%26)), rapid.IntRange(0, longest).Draw(t, "length")))
			printed = append(printed, string(text))
			for _, l := range b.Add(time.Now(), text) {
				dropped = append(dropped, string(l.Text))
			}
			clear(text) // the caller's again
		}
		size, next := 0, 0 // with the one that went last
		var kept []string
		for _, l := range b.Lines {
			kept = append(kept, string(l.Text))
			size += len(l.Text) + keptExtra
		}
		if n := len(dropped); n > 0 {
			next = size + len(dropped[n-1]) + keptExtra
		}
		if strings.Join(append(dropped, kept...), "\n") != strings.Join(printed, "\n") || size > maxKept || size != b.size || next > 0 && next <= maxKept {
			t.Fatalf("%d lines printed, %d kept in %d bytes, counted as %d, %d dropped", len(printed), len(kept), size, b.size, len(dropped))
		}
	})
}
