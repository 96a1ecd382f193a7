package backlog

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/internal/spool"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// notes collects the notes of one device.
type notes struct {
	watched bool
	texts   []string
}

func (n *notes) Active(string) bool                      { return n.watched }
func (n *notes) Note(_ string, _ time.Time, text string) { n.texts = append(n.texts, text) }

// A backlog is logged after a minute, once an hour, and when it is delivered.
func TestReporter_Backlog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := spool.Open(spool.Options{Dir: t.TempDir()})
		q := s.Queue("greenhouse")
		n := &notes{watched: true}
		r := NewReporter(s, n, slog.New(slog.NewTextHandler(&log, nil)))
		pass := func(d time.Duration) {
			for range d / lookEvery {
				time.Sleep(lookEvery)
				r.look(time.Now())
			}
		}
		q.SetConnected(true)
		line := func() {
			q.Append(t.Context(), time.Now(), []byte("x"))
			q.Commit()
			pass(10 * time.Second)
		}
		line() // in flight, as any line
		if log.Len() > 0 || len(n.texts) > 0 {
			t.Errorf("reported without a backlog: %s%q", &log, n.texts)
		}
		q.SetConnected(false)
		for range 360 {
			line()
		}
		if n := strings.Count(log.String(), "lines wait for the broker"); n != 1 {
			t.Errorf("logged %d times in an hour:\n%s", n, &log)
		}
		if !strings.Contains(log.String(), "lines=8 devices=1") || !strings.Contains(log.String(), "oldest=2000-01-01T00:00:00Z") {
			t.Errorf("the log lacks the number of lines: %s", &log)
		}
		if last := n.texts[len(n.texts)-1]; !strings.Contains(last, "spool: 361 lines wait, the oldest since ") {
			t.Errorf("the note is %q", last)
		}
		q.SetConnected(true)
		q.Ack(q.Stats().Last)
		pass(time.Minute)
		if !strings.Contains(log.String(), "backlog delivered") {
			t.Errorf("the end of the backlog is not logged: %s", &log)
		}
		if last := n.texts[len(n.texts)-1]; !strings.HasPrefix(last, "spool: 0 lines wait; ") {
			t.Errorf("the last note is %q", last)
		}
		_ = s.Close()
	})
}

// Run looks at intervals, and notes only changes.
func TestReporter_Run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := spool.Open(spool.Options{Dir: t.TempDir()})
		q := s.Queue("greenhouse")
		q.Append(t.Context(), time.Now(), []byte("x"))
		q.Commit()
		n := &notes{watched: true}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- NewReporter(s, n, slog.New(slog.DiscardHandler)).Run(ctx) }()
		time.Sleep(3 * lookEvery)
		stop()
		if err := <-ended; err != nil || len(n.texts) != 1 {
			t.Errorf("notes %q, %v; want one", n.texts, err)
		}
		_ = s.Close()
	})
}

// A note names dropped lines, a failing disk and damage.
func TestDescribe(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	got := describe(spool.QueueStats{Lines: 5, Oldest: at, Dropped: 12}, spool.Stats{Disk: 3456789, Damaged: 2, MemoryOnly: at})
	want := "spool: 5 lines wait, the oldest since 03:04:05; 12 dropped; disk failing since 03:04:05; 3456789 bytes on disk, 2 places damaged"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
