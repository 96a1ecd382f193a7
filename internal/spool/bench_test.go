package spool

import (
	"context"
	"runtime"
	"testing"
	"time"
)

// outage fills the log with a backlog of so many lines a device, mixed as
// they come, and drains it.
func outage(t testing.TB, devices, lines int) (filled, drained time.Duration, most uint64) {
	s := Open(Options{Dir: t.TempDir(), MaxSize: 1 << 30})
	defer closeAll(t, s)
	defer start(s)()
	var queues []*Queue
	for i := range devices {
		queues = append(queues, s.Queue(string(rune('A'+i))))
	}
	text, from := []byte("temperature=23.50,humidity=40.2,light=511"), time.Now()
	look := func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapInuse)
	}
	for i := range lines {
		for _, q := range queues {
			q.Append(t.Context(), at, text)
			q.Commit()
		}
		if i%(lines/20) == 0 {
			look()
		}
	}
	filled, from = time.Since(from), time.Now()
	for done := 0; done < devices*lines; {
		for _, q := range queues {
			var last uint64
			for range 100 {
				r, ok := q.Next()
				if !ok {
					break
				}
				if r.Seq != last+1 && last != 0 || len(r.Data) != len(text) {
					t.Fatalf("after %d came %d with %d bytes", last, r.Seq, len(r.Data))
				}
				last = r.Seq
				done++
			}
			q.Ack(last)
		}
		if done%(devices*lines/20) < 100*devices {
			look()
		}
	}
	drained = time.Since(from)
	for _, q := range queues {
		if st := q.Stats(); st.Lines != 0 || st.Last != uint64(lines) {
			t.Fatalf("left: %+v", st)
		}
	}
	return filled, drained, most
}

// A backlog of 32 devices stays on disk and does not grow the heap.
func TestSpool_MemoryStaysFlatInAnOutage(t *testing.T) {
	_, _, most := outage(t, 32, 5_000)
	if most > 40<<20 {
		t.Errorf("the heap grew to %d MB", most>>20)
	}
}

// BenchmarkOutage is a day of 32 boards at one line a second.
func BenchmarkOutage(b *testing.B) {
	for b.Loop() {
		filled, drained, most := outage(b, 32, 86_400)
		const lines = 32 * 86_400
		b.ReportMetric(lines/filled.Seconds(), "filled/s")
		b.ReportMetric(lines/drained.Seconds(), "drained/s")
		b.ReportMetric(float64(most)/(1<<20), "MB-heap")
	}
}

func BenchmarkPath(b *testing.B) {
	for name, batch := range map[string]int{"1": 1, "50": 50} {
		b.Run(name, func(b *testing.B) {
			s := Open(Options{Dir: b.TempDir()})
			stop := start(s)
			q := s.Queue("a")
			text := []byte("temperature=23.50,humidity=40.2,light=511")
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				q.Append(context.Background(), at, text)
				if n++; n%batch == 0 {
					q.Commit()
					for r, ok := q.Next(); ok; r, ok = q.Next() {
						q.Ack(r.Seq)
					}
				}
			}
			st := s.Stats()
			b.ReportMetric(float64(st.Written)/float64(n), "disk-B/op")
			b.ReportMetric(float64(st.AckWrites)/float64(n), "ackwrites/op")
			stop()
			closeAll(b, s)
		})
	}
}
