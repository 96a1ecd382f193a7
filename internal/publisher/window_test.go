package publisher

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Against a model: a line is reported once, in order, when it and all before it are
// acknowledged.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWindow(rapid.IntRange(1, 100).Draw(t, "size"))
		var out []uint64 // positions with a PUBACK to come
		left := map[uint64]int{}
		var seq, reported uint64
		report := func() {
			got, ok := w.advance()
			want := reported
			for want < seq && left[want+1] == 0 {
				want++
			}
			if ok != (want > reported) || ok && got != want {
				t.Fatalf("advance returns %d %t, want %d after %d", got, ok, want, reported)
			}
			reported = want
		}
		for range 300 {
			if w.room(w.size()) && (len(out) == 0 || rapid.Bool().Draw(t, "open")) {
				seq++
				n := rapid.IntRange(0, 5).Draw(t, "publishes")
				left[seq] = n
				position := w.open(seq, n)
				for range n {
					out = append(out, position)
				}
			} else if len(out) > 0 {
				i := rapid.IntRange(0, len(out)-1).Draw(t, "puback")
				w.done(out[i])
				left[out[i]+1]-- // position 0 is the line of seq 1
				out = slices.Delete(out, i, i+1)
			}
			report()
			if w.flying != len(out) || w.empty() != (reported == seq) {
				t.Fatalf("%d flying, want %d; empty %t", w.flying, len(out), w.empty())
			}
		}
	})
}
