package gateway

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/journal"
	"arduino-gateway/internal/protocol"
)

// openQueue returns a queue in a session with a board, and the function that gives the
// board what the queue writes. ended gets the results.
func openQueue(t *testing.T, now time.Time, ended func(*commandQueue, device.Result)) (q *commandQueue, write func()) {
	q = newCommandQueue(device.Device{}, journal.Open("", nil), func(_ journal.Command, r device.Result) { ended(q, r) })
	b, printed := newBoard(), []string(nil)
	b.Print = func(line string) { printed = append(printed, line) }
	hear := func() {
		for _, line := range printed {
			for len(q.changed) > 0 {
				<-q.changed
			}
			q.heard(now, protocol.Parse([]byte(line)))
			if len(q.changed) == 0 {
				t.Errorf("no wake after %q", line)
			}
		}
		printed = nil
	}
	write = func() {
		for _, c := range q.next(now, nil).Write {
			b.Receive(c)
			b.Loop(0)
		}
		hear()
	}
	q.open(now)
	b.reset()
	hear()
	write() // begins the session
	return q, write
}

func addRun(t *testing.T, q *commandQueue, value string, now time.Time) {
	t.Helper()
	id, _ := q.commands.journal.Add(journal.Command{Name: "run", Value: value, Arrived: now}, false)
	if err := q.add(journal.Command{ID: id, Name: "run", Value: value, Arrived: now}); err != nil {
		t.Fatal(err)
	}
}

// A result is passed on before the writer wakes: the command that often follows it then
// wakes the writer no second time.
func TestCommandQueue_WakesTheWriterAfterTheResults(t *testing.T) {
	finished, now := 0, time.Now()
	q, write := openQueue(t, now, func(q *commandQueue, r device.Result) {
		if finished++; r.Status != device.Done || len(q.changed) > 0 {
			t.Errorf("%d wakes before the result %+v", len(q.changed), r)
		}
	})
	addRun(t, q, "1", now)
	write()
	if finished != 1 {
		t.Errorf("%d results", finished)
	}
}

// A command that comes back during a pause has expired for the pause, however late it is.
func TestCommandQueue_CommandsThatComeBackExpireWithThePause(t *testing.T) {
	var results []string
	now := time.Now()
	q, _ := openQueue(t, now, func(_ *commandQueue, r device.Result) {
		results = append(results, fmt.Sprintf("%s %s: %s", r.Status, r.Value, r.Error))
	})
	addRun(t, q, "1", now)
	addRun(t, q, "2", now)
	q.next(now, nil) // writes the first, which the board never gets
	q.close()
	q.next(now.Add(time.Minute), errors.New("paused"))
	if want := []string{"failed 1: may have run: no answer came in time", "expired 2: paused"}; !slices.Equal(results, want) {
		t.Errorf("got %q, want %q", results, want)
	}
}
