package backlog

import (
	"bytes"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/clock"
	"arduino-gateway/internal/spool"
)

// Lines come back after a restart, from the first not acknowledged.
func TestQueue_KeepsLinesOverRestart(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	want := []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}, {Name: "led", Value: "on"}}

	s := spool.Open(spool.Options{Dir: dir})
	q := New(s.Queue("greenhouse"), &fakeClock{believed: true}, slog.New(slog.DiscardHandler))
	for range 3 {
		q.Append(t.Context(), at, want)
	}
	if _, ok := q.Next(); ok {
		t.Error("a line is offered before it is safe")
	}
	q.Commit()
	if line, ok := q.Next(); !ok || line.Seq != 1 || !line.Time.Equal(at) || !reflect.DeepEqual(line.Readings, want) {
		t.Errorf("line %+v, %v", line, ok)
	}
	q.Ack(1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = spool.Open(spool.Options{Dir: dir})
	defer s.Close()
	q = New(s.Queue("greenhouse"), &fakeClock{believed: true}, slog.New(slog.DiscardHandler))
	for _, seq := range []uint64{2, 3} {
		if line, ok := q.Next(); !ok || line.Seq != seq || !line.Time.Equal(at) || !reflect.DeepEqual(line.Readings, want) {
			t.Errorf("line %+v, %v; want seq %d", line, ok, seq)
		}
	}
}

// A record of another version is logged and skipped.
func TestQueue_SkipsUnknownVersion(t *testing.T) {
	var log bytes.Buffer
	s := spool.Open(spool.Options{Dir: t.TempDir()})
	defer s.Close()
	q := New(s.Queue("greenhouse"), &fakeClock{believed: true}, slog.New(slog.NewTextHandler(&log, nil)))
	q.Queue.Append(t.Context(), time.Now(), []byte{stampedRecord + 1, 0})
	q.Append(t.Context(), time.Now(), []device.Reading{{Name: "n", Value: "1"}})
	q.Commit()
	line, ok := q.Next()
	if !ok || line.Seq != 2 {
		t.Errorf("line %+v, %v", line, ok)
	}
	if !strings.Contains(log.String(), "seq=1") || !strings.Contains(log.String(), "version 3") {
		t.Errorf("log: %s", log.String())
	}
}

// Records of a newer version are acknowledged when all lines before them are, without a
// line behind them. The log has them once.
func TestQueue_AcknowledgesUnknownVersions(t *testing.T) {
	var log bytes.Buffer
	dir := t.TempDir()
	s := spool.Open(spool.Options{Dir: dir})
	q := New(s.Queue("greenhouse"), &fakeClock{believed: true}, slog.New(slog.NewTextHandler(&log, nil)))
	newer := func() { q.Queue.Append(t.Context(), time.Now(), []byte{stampedRecord + 1, 0}) }
	line := func() { q.Append(t.Context(), time.Now(), []device.Reading{{Name: "n", Value: "1"}}) }
	newer() // 1
	line()  // 2
	newer() // 3
	line()  // 4
	newer() // 5
	newer() // 6
	q.Commit()
	wait := func(want int) {
		t.Helper()
		if n := q.Stats().Lines; n != want {
			t.Errorf("%d lines wait, want %d", n, want)
		}
	}
	for range 2 { // and again on a second connection
		for _, want := range []uint64{2, 4} {
			if l, ok := q.Next(); !ok || l.Seq != want {
				t.Errorf("line %+v, %v; want seq %d", l, ok, want)
			}
		}
		if l, ok := q.Next(); ok {
			t.Errorf("line %+v", l)
		}
		wait(5)
		q.Rewind()
	}
	q.Next()
	q.Next()
	q.Next()
	q.Ack(2)
	wait(4)
	q.Ack(4)
	wait(0)
	newer()
	q.Commit()
	if _, ok := q.Next(); ok {
		t.Error("a record of a newer version is a line")
	}
	wait(0)
	if n := strings.Count(log.String(), "version 3"); n != 1 {
		t.Errorf("logged %d times:\n%s", n, &log)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = spool.Open(spool.Options{Dir: dir})
	defer s.Close()
	if n := s.Queue("greenhouse").Stats().Lines; n != 0 {
		t.Errorf("%d lines wait after a restart", n)
	}
}

// fakeClock replaces the machine's clock, which a test cannot set.
type fakeClock struct {
	believed bool
	boot     uint64
	uptime   time.Duration
	began    time.Time
}

func (c *fakeClock) Trusted() bool { return c.believed }
func (c *fakeClock) Stamp(at time.Time) clock.Stamp {
	return clock.Stamp{Boot: c.boot, Uptime: c.uptime}
}
func (c *fakeClock) Time(s clock.Stamp) (time.Time, bool) {
	if !c.believed || s.Boot != c.boot {
		return time.Time{}, false
	}
	return c.began.Add(s.Uptime), true
}
func (c *fakeClock) Age(s clock.Stamp) time.Duration { return c.uptime - s.Uptime }

// A line read before the clock was set gets its time when that is known.
func TestQueue_LineBeforeTheClockWasSet(t *testing.T) {
	s := spool.Open(spool.Options{Dir: t.TempDir()})
	defer s.Close()
	c := &fakeClock{boot: 7, uptime: 5 * time.Second, began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	q := New(s.Queue("greenhouse"), c, slog.New(slog.DiscardHandler))
	q.Append(t.Context(), time.Unix(99, 0), []device.Reading{{Name: "n", Value: "1"}})
	q.Commit()
	c.uptime = time.Minute
	if line, ok := q.Next(); !ok || !line.Time.IsZero() || line.Age != 55*time.Second || line.Readings[0].Value != "1" {
		t.Errorf("line %+v, %v; want one without a time, 55 s old", line, ok)
	}
	c.believed = true
	q.Rewind()
	if line, ok := q.Next(); !ok || !line.Time.Equal(c.began.Add(5*time.Second)) {
		t.Errorf("line %+v, %v; want one of five seconds after the boot", line, ok)
	}
	c.boot = 8
	q.Rewind()
	if line, ok := q.Next(); !ok || !line.Time.IsZero() {
		t.Errorf("line %+v, %v; want one without a time", line, ok)
	}
}
