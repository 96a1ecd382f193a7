package gateway

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/device"
)

// A device takes a burst, then its rate, and after a pause a burst again. A clock that is
// set back gives nothing.
func TestBudget(t *testing.T) {
	var b budget
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		after       time.Duration
		asked, want int
	}{
		{0, 2 * commandBurst, commandBurst},
		{0, 10, 0},
		{20 * time.Millisecond, 10, 1},
		{time.Second, 100, commandRate},
		{-time.Hour, 10, 0},
		{time.Second, 100, commandRate},
		{time.Hour, 2 * commandBurst, commandBurst},
	} {
		at = at.Add(c.after)
		got := 0
		for range c.asked {
			if b.take(at) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("after %v: %d of %d, want %d", c.after, got, c.asked, c.want)
		}
	}
}

// Twice the rate is taken for as long as the burst lasts.
func TestBudget_SustainedRate(t *testing.T) {
	var b budget
	at, taken := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), 0
	for b.take(at) {
		taken++
		at = at.Add(time.Second / (2 * commandRate))
	}
	if taken < 2*commandBurst-2 || taken > 2*commandBurst {
		t.Errorf("%d commands", taken)
	}
}

// The log has one line for a burst, and one a minute for a flood that goes on.
func TestSurplus(t *testing.T) {
	var s surplus
	begin := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	begins, lines := 0, []uint64{}
	for tick := range 200 * 10 {
		at := begin.Add(time.Duration(tick) * 100 * time.Millisecond)
		if n, why := s.take(at); n > 0 {
			lines = append(lines, n)
			if !errors.Is(why, errWaiting) {
				t.Error(why)
			}
		}
		if tick < 700 && s.add(at, errWaiting) {
			begins++
		}
	}
	if begins != 1 || len(lines) != 3 || lines[0] != 10 || lines[1] != 600 || lines[2] != 90 || s != (surplus{}) {
		t.Errorf("began %d times: %v, %+v", begins, lines, s)
	}
}

// A flood fills the queue and the budget. Each command has its result, and the log one
// line with the number of those that were too many.
func TestDevice_FloodOfCommandsIsBusy(t *testing.T) {
	const flooding = 5000
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		f.port.write = func(ctx context.Context, _ []byte) (bool, error) {
			<-ctx.Done()
			return false, context.Cause(ctx)
		}
		stop := f.start(t)
		for i := range flooding {
			f.ask("led", "on")
			f.ask("no such command", "on")
			if i == 0 {
				synctest.Wait() // it is at the port
			}
		}
		time.Sleep(5 * time.Minute)
		stop()
		counts := map[string]int{}
		for _, r := range f.session.results {
			what, _, _ := strings.Cut(r.Error, ":")
			if what == "busy" {
				what = r.Error
			}
			counts[string(r.Status)+" "+what]++
		}
		waiting, often, unknown := counts["rejected busy: 64 commands are already waiting"], counts["rejected "+errTooOften.Error()], counts[`rejected unknown command "no such command"`]
		if len(f.session.results) != 2*flooding || unknown != commandBurst/2 || waiting != commandBurst/2-65 || often != 2*flooding-commandBurst {
			t.Errorf("%v", counts)
		}
		log := f.log.String()
		if n := strings.Count(log, "rejected"); n != 1+commandBurst/2 || !strings.Contains(log, `msg="commands rejected" device=greenhouse commands=9435 error="busy: `) {
			t.Errorf("logged %d times: %.2000s", n, log[max(0, len(log)-2000):])
		}
	})
}

// A name that is too long is rejected on its own topic, and kept nowhere.
func TestDevice_LongCommandName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		stop := f.start(t)
		defer stop()
		name := strings.Repeat("n", 60_000)
		f.ask(name, "on")
		got := f.session.last(t)
		if got.Status != device.Rejected || !strings.Contains(got.Error, "a name has at most 64 bytes, and this one has 60000") || len(got.Error) > 300 {
			t.Errorf("%+v", got)
		}
		if left := f.parts.Journal.Unfinished(); len(left) > 0 || f.log.Len() > 1000 || len(strings.Join(f.observer.seen, "")) > 1000 {
			t.Errorf("%d commands in the journal, log of %d bytes", len(left), f.log.Len())
		}
	})
}

// A cleared retained command arrives as an empty message and writes nothing, whatever the
// type of the command. A person who sends an empty text from the page means it.
func TestDevice_ClearedRetainedCommand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(func(d *device.Device, _ *Parts) {
			d.Commands = map[string]device.Command{"say": {Name: "say", Type: device.Text}}
		})
		stop := f.start(t)
		defer stop()
		for _, retained := range []bool{false, true} {
			f.Message(device.Message{Topic: "devices/uno/set/say", Command: "say", Retained: retained, At: time.Now()})
			synctest.Wait()
			if got := f.session.last(t); got.Status != device.Rejected || len(f.port.written) > 0 {
				t.Errorf("%+v, written %q", got, f.port.written)
			}
		}
		if got, err := f.Do(t.Context(), "say", ""); err != nil || got.Status != device.Sent {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// While the board has yet to describe its commands, no value waits that no line could take.
func TestCommandQueue_LongValueDoesNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newTalking(newBoard(), "", func(d *device.Device, _ *Parts) { d.Describe = new(true) })
		stop := f.start(t)
		defer stop()
		f.ask("run", strings.Repeat("1", 64))
		if got := f.session.last(t); got.Status != device.Rejected || got.Error != "the value is too long: 64 bytes; a board's buffer takes 63" {
			t.Errorf("%+v", got)
		}
	})
}
