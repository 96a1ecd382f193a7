package serialbridge

import (
	"errors"
	"testing"
	"time"
)

// A gap and a silence change while the port stays open.
func TestTune_KeepsThePortOpen(t *testing.T) {
	p, board, seen := booted(t, nil)
	p.Tune(Tuning{Baud: maxBaud, Silence: 50 * time.Millisecond})
	seen.expect("silent")
	p.Tune(Tuning{Baud: maxBaud, Gap: 300 * time.Millisecond})
	seen.expect("ready") // without silence an open port is enough
	must(t, p.send(t.Context(), []byte("a\n")))
	begin := time.Now()
	must(t, p.send(t.Context(), []byte("b\n")))
	if took := time.Since(begin); took < 200*time.Millisecond {
		t.Errorf("the second line came after %v", took)
	}
	board.receives(4)
	board.print("hello\n")
	seen.expect("line hello")
	if n := p.Stats().Opens; n != 1 {
		t.Errorf("opened %d times", n)
	}
}

// Another baud rate reopens the port. A line that waits for the board goes to the next
// opening.
func TestTune_ReopensForAnotherBaud(t *testing.T) {
	p, board, seen := booted(t, nil)
	for _, baud := range []int{9600, 115200} {
		p.Tune(Tuning{Baud: baud})
		if e := seen.expect("closed"); !errors.Is(e.err, errRetuned) {
			t.Errorf("closed with %v", e.err)
		}
		seen.expect("opened")
		sent := make(chan error, 1)
		go func() { sent <- p.send(t.Context(), []byte("waits\n")) }()
		board.print("\nhello\n")
		seen.expect("ready", "line hello")
		must(t, <-sent)
		if got := string(board.receives(6)); got != "waits\n" {
			t.Errorf("the board got %q", got)
		}
	}
	if p.Stats().Problem != "" {
		t.Errorf("problem %q", p.Stats().Problem)
	}
}

// What is tuned while the port is away counts for the next opening.
func TestTune_WaitsForThePort(t *testing.T) {
	link, seen := linkIn(t), newRecorder(t)
	p := start(t, portOn(t, link, seen))
	p.Tune(Tuning{Baud: 9600, Silence: 50 * time.Millisecond})
	for p.tuning.Load() != nil { // it asks for the port every few milliseconds
		time.Sleep(time.Millisecond)
	}
	board := plug(t, link)
	seen.expect("opened")
	board.print("\nhello\n")
	seen.expect("ready", "line hello", "silent", "closed", "opened")
}

// Another limit counts from the last line, and a first one from now.
func TestWatchdog_TakesAnotherLimit(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(int64(n), 0) }
	for name, c := range map[string]struct {
		before, after int // seconds
		change        int
		silent        int
	}{
		"longer":             {10, 60, 105, 160},
		"shorter":            {60, 10, 105, 110},
		"shorter, and over":  {60, 10, 130, 130},
		"first":              {0, 10, 500, 510},
		"longer, once again": {10, 20, 105, 120},
	} {
		w := watchdog{limit: time.Duration(c.before) * time.Second}
		w.opened(at(0), resetting)
		if c.before > 0 {
			w.line(at(100), at(100))
		}
		w.setLimit(time.Duration(c.after)*time.Second, at(c.change))
		n := c.change
		for ; n < 1000 && w.due(at(n)) == keepWaiting; n++ {
		}
		if n != c.silent {
			t.Errorf("%s: silent at %d, want %d", name, n, c.silent)
		}
		w.setLimit(0, at(n))
		if step := w.due(at(n + 10000)); step != keepWaiting || w.alarming() {
			t.Errorf("%s: off, and step %d", name, step)
		}
	}
}
