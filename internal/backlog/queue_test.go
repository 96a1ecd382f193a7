package backlog

import (
	"bytes"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/spool"
)

func TestLinesComeBackAfterARestart(t *testing.T) {
	dir := t.TempDir()
	at := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	want := []device.Reading{{Name: "temperature", Value: "23.50", Unit: "°C"}, {Name: "led", Value: "on"}}

	s := spool.Open(spool.Options{Dir: dir})
	q := New(s.Queue("greenhouse"), slog.New(slog.DiscardHandler))
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
	q = New(s.Queue("greenhouse"), slog.New(slog.DiscardHandler))
	for _, seq := range []uint64{2, 3} {
		if line, ok := q.Next(); !ok || line.Seq != seq || !line.Time.Equal(at) || !reflect.DeepEqual(line.Readings, want) {
			t.Errorf("line %+v, %v; want seq %d", line, ok, seq)
		}
	}
}

func TestARecordOfAnotherVersionIsToldAndPassedOver(t *testing.T) {
	var log bytes.Buffer
	s := spool.Open(spool.Options{Dir: t.TempDir()})
	defer s.Close()
	q := New(s.Queue("greenhouse"), slog.New(slog.NewTextHandler(&log, nil)))
	q.Queue.Append(t.Context(), time.Now(), []byte{recordVersion + 1, 0})
	q.Append(t.Context(), time.Now(), []device.Reading{{Name: "n", Value: "1"}})
	q.Commit()
	line, ok := q.Next()
	if !ok || line.Seq != 2 {
		t.Errorf("line %+v, %v", line, ok)
	}
	if !strings.Contains(log.String(), "seq=1") || !strings.Contains(log.String(), "version 2") {
		t.Errorf("log: %s", log.String())
	}
}
