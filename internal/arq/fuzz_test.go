package arq

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"arduino-gateway/internal/protocol"
)

// Whatever a board sends, each command comes back once, and the machine always knows
// when to continue.
func FuzzHeard(f *testing.F) {
	f.Add("!hello a protocol=1 parts=0\n!state session=0000 last=0 input=63 taken=0\n!state session=0001 last=0 input=9 taken=0\n!ok 1 taken=3\n!again 2 taken=9\n!again 0 taken=0")
	f.Add("!hello a protocol=2 parts=0\n!state session=0000 last=0 input=63 taken=0")
	f.Fuzz(func(t *testing.T, talk string) {
		now, session := time.Unix(0, 0), uint16(0)
		x := New(func() uint16 { session++; return session })
		x.Opened()
		put, ended := uint64(0), map[uint64]int{}
		for line := range strings.SplitSeq(talk, "\n") {
			sum := fmt.Sprintf("%s ~%04X", line, protocol.Sum([]byte(line)))
			_ = x.Heard(now, protocol.Parse([]byte(sum)))
			if x.Room() {
				put++
				x.Put(Command{ID: put, Text: "a=b", Expires: now.Add(10 * time.Second)})
			}
			now = drain(t, x, now)
		}
		x.GiveUp("it is over")
		for range put {
			for _, o := range x.Outcomes() {
				ended[o.ID]++
			}
		}
		for id := range put {
			if n := ended[id+1]; n > 1 {
				t.Errorf("command %d came back %d times", id+1, n)
			}
		}
		if x.Busy() {
			t.Error("busy after GiveUp")
		}
	})
}

// drain carries out the steps that are due, and returns the time of the next event.
func drain(t *testing.T, x *Machine, now time.Time) time.Time {
	for range 100 {
		s := x.Next(now)
		switch {
		case s.Write != nil && len(s.Write) > protocol.MaxLine+1:
			t.Fatalf("%d bytes at once", len(s.Write))
		case s.Write != nil:
		case s.Until.After(now):
			return now.Add(100 * time.Millisecond)
		case s.Until.IsZero():
			return now
		}
	}
	t.Fatal("it never waits")
	return now
}
