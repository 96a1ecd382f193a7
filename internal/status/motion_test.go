package status

import (
	"testing"
	"time"
)

// Lines are stuck if they wait for longer than the limit while the session is connected,
// over lost connections too. An outage, an idle board and a backlog that drains are not.
func TestMotion(t *testing.T) {
	type look struct {
		acked              uint64
		waiting, connected bool
	}
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, c := range map[string]struct {
		looks func(second int) look
		stuck int // from which second on; 0: never
	}{
		"moving":                    {func(s int) look { return look{uint64(s), true, true} }, 0},
		"idle":                      {func(int) look { return look{7, false, true} }, 0},
		"a line a minute":           {func(s int) look { return look{uint64(s / 60), s%60 < 10, true} }, 0},
		"an outage":                 {func(int) look { return look{0, true, false} }, 0},
		"the end of an outage":      {func(s int) look { return look{uint64(max(0, s-500)), true, s > 490} }, 0},
		"nothing acknowledged":      {func(int) look { return look{0, true, true} }, 70},
		"a connection each 40 s":    {func(s int) look { return look{0, true, s%40 != 0} }, 100}, // what follows a look without connection does not count
		"stuck, then moving":        {func(s int) look { return look{uint64(max(0, s-300)), true, true} }, 70},
		"stuck after it moved":      {func(s int) look { return look{uint64(min(s, 200)), true, true} }, 270},
		"waiting only since lately": {func(s int) look { return look{3, s >= 500, true} }, 570},
	} {
		var m Motion
		first, last := 0, time.Time{}
		for s := 0; s <= 600; s += 10 {
			l := c.looks(s)
			last = m.Look(begin.Add(time.Duration(s)*time.Second), l.acked, l.waiting, l.connected, time.Minute)
			if first == 0 && !last.IsZero() {
				first = s
			}
		}
		if first != c.stuck {
			t.Errorf("%s: stuck from second %d, want %d", name, first, c.stuck)
		}
		if name == "stuck, then moving" && !last.IsZero() {
			t.Errorf("%s: stuck at the end, since %v", name, last)
		}
	}
}
