package spool

import (
	"bytes"
	"context"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// start runs the spool until the returned function is called.
func start(s *Spool) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = s.Run(ctx) })
	return func() {
		cancel()
		running.Wait()
	}
}

// syncsOf returns the system calls for a hundred lines in ten seconds.
func syncsOf(s *Spool, q *Queue, acked bool) (more Stats) {
	before := s.Stats()
	for range 100 {
		putText(q, 1)
		if acked {
			q.Ack(q.Stats().Last)
		}
		time.Sleep(100 * time.Millisecond)
	}
	synctest.Wait()
	after := s.Stats()
	return Stats{Syncs: after.Syncs - before.Syncs, Writes: after.Writes - before.Writes}
}

// Records that are acknowledged at once cost no fsync, records that wait share
// one.
func TestRun_SyncsInGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeFS()
		s := Open(Options{FS: f, Sync: 2 * time.Second})
		stop := start(s)
		synctest.Wait()
		q := s.Queue("a")
		if more := syncsOf(s, q, true); more.Syncs > 0 || more.Writes > 110 {
			t.Errorf("100 lines that did not wait cost %+v", more)
		}
		before := s.Stats()
		time.Sleep(time.Hour)
		if after := s.Stats(); after.Syncs-before.Syncs > 2 || after.Written > before.Written+100 { // file and folder
			t.Errorf("idle, it went from %+v to %+v", before, after)
		}
		if more := syncsOf(s, q, false); more.Syncs < 4 || more.Syncs > 7 || more.Writes > 110 {
			t.Errorf("100 lines that waited cost %+v", more)
		}
		putText(q, 1)
		stop()
		if got := f.files[segmentName(1)]; !bytes.Equal(got.data, got.synced) {
			t.Error("something is left to sync")
		}
		closeAll(t, s)
		closeAll(t, s)
	})
}

// When Run has ended, all records are on disk and the files are closed, without a
// Close.
func TestRun_EndsWithAllOnDisk(t *testing.T) {
	f := newFakeFS()
	s := Open(Options{FS: f})
	stop := start(s)
	q := s.Queue("a")
	q.SetBypass(true)
	q.SetConnected(true)
	putText(q, 5)
	q.Append(t.Context(), at, nil) // without a Commit
	stop()
	for name, file := range f.files {
		if !bytes.Equal(file.data, file.synced) {
			t.Errorf("%s is not synced", name)
		}
	}
	if !s.closed || s.log.current != nil || s.acks.file != nil || len(s.log.unsynced) > 0 {
		t.Error("files are open")
	}
	want(t, take(t, Open(Options{FS: f.copyAll()}).Queue("a")), 1, 6)
}

// A record that waits is durable within Options.Sync of its write.
func TestRun_SyncsWaitingRecordsInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		f := newFakeFS()
		s := Open(Options{FS: f, Sync: time.Second})
		defer start(s)()
		written := map[string]map[uint64]time.Time{"a": {}, "b": {}}
		for range 2000 {
			time.Sleep(time.Duration(r.IntN(300)) * time.Millisecond)
			synctest.Wait()
			name := []string{"a", "b"}[r.IntN(2)]
			q := s.Queue(name)
			if r.IntN(3) == 0 {
				q.Ack(q.Stats().Last - uint64(r.IntN(3)))
			}
			putText(q, 1)
			written[name][q.Stats().Last] = time.Now()
			for name, when := range written {
				q := s.Queue(name)
				s.mu.Lock()
				safe := max(q.acked, q.synced)
				s.mu.Unlock()
				for seq, at := range when {
					if seq <= safe {
						delete(when, seq)
					} else if waited := time.Since(at); waited > s.opts.Sync {
						t.Fatalf("%s %d waits for an fsync since %v", name, seq, waited)
					}
				}
			}
		}
	})
}

// An Append beyond the limit blocks until an Ack, a disconnect or the end of its
// context.
func TestAppend_BlocksWhileConnected(t *testing.T) {
	for name, release := range map[string]func(*Queue, context.CancelFunc){
		"ack":        func(q *Queue, _ context.CancelFunc) { q.Ack(6) },
		"disconnect": func(q *Queue, _ context.CancelFunc) { q.SetConnected(false) },
		"cancel":     func(_ *Queue, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := Open(Options{FS: newFakeFS(), Live: 3 * headSize})
				q := s.Queue("a")
				for range 5 { // held before the connection came
					q.Append(t.Context(), at, nil)
				}
				q.SetConnected(true)
				for range 3 {
					q.Append(t.Context(), at, nil)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var waiting sync.WaitGroup
				done := false
				waiting.Go(func() { q.Append(ctx, at, nil); done = true })
				synctest.Wait()
				if done {
					t.Fatal("append did not block")
				}
				// The records it waits for must be available even without a Commit.
				want(t, take(t, q), 1, 8)
				release(q, cancel)
				waiting.Wait()
				q.Commit()
				want(t, take(t, q), 9, 9)
			})
		})
	}
}

// The limit of Append falls with the backlog and ends at Live.
func TestAppend_LimitFollowsTheBacklog(t *testing.T) {
	s := Open(Options{FS: newFakeFS(), Live: 1000 * headSize})
	q := s.Queue("a")
	for range 5000 {
		q.Append(t.Context(), at, nil)
	}
	q.Commit()
	q.SetConnected(true)
	for acked := uint64(0); acked <= 5000; acked += 500 {
		q.Ack(acked)
		if limit := (5000 - int64(acked) + 1000) * headSize; q.limit != limit {
			t.Fatalf("at %d the limit is %d, want %d", acked, q.limit, limit)
		}
	}
}

// The spool runs as the gateway does, on a real disk: for each device one
// goroutine appends, one takes, one acknowledges, and a connection comes and
// goes.
func TestSpool_ManyDevices(t *testing.T) {
	const devices, lines = 8, 5000
	s := Open(Options{Dir: t.TempDir(), MaxSize: 16 << 20, Live: 8 << 10, Sync: 10 * time.Millisecond})
	stop := start(s)
	var all sync.WaitGroup
	for i := range devices {
		q := s.Queue(string(rune('a' + i)))
		acks := make(chan uint64, 10)
		all.Go(func() {
			for i := range lines {
				q.Append(t.Context(), at, []byte("temperature=23.50,humidity=40.2"))
				if i%7 == 0 {
					q.Commit()
				}
			}
			q.Commit()
		})
		all.Go(func() {
			for seq := range acks {
				q.Ack(seq)
			}
		})
		all.Go(func() {
			defer close(acks)
			q.SetConnected(true)
			for next := uint64(1); next <= lines; {
				r, ok := q.Next()
				if !ok {
					<-q.Ready()
					continue
				}
				if r.Seq != next {
					t.Errorf("got %d, want %d", r.Seq, next)
					return
				}
				acks <- r.Seq
				if next++; next%997 == 0 {
					q.SetConnected(false)
					q.SetConnected(true)
				}
			}
		})
	}
	all.Wait()
	stop()
	if st := s.Stats(); st.Lines != 0 || st.Bytes != 0 || st.Dropped != 0 || !st.MemoryOnly.IsZero() {
		t.Errorf("left: %+v", st)
	}
	closeAll(t, s)
}

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

// Smaller bounds take effect while the spool runs.
func TestSetBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFakeFS()
		s := Open(Options{FS: f, MaxSize: 1_000_000, Sync: time.Hour})
		defer start(s)()
		flood, slow := s.Queue("flood"), s.Queue("slow")
		for range 100 {
			putText(flood, 100)
			putText(slow, 1)
		}
		synctest.Wait()
		if st := s.Stats(); st.Dropped > 0 || st.Disk < 500_000 {
			t.Fatalf("%+v", st)
		}
		s.SetBounds(100_000, time.Second)
		synctest.Wait()
		st := flood.Stats()
		if disk := s.Stats().Disk; disk > 100_000 || st.Dropped == 0 || slow.Stats().Dropped > 0 {
			t.Errorf("%d bytes on disk; %+v, %+v", disk, st, slow.Stats())
		}
		want(t, take(t, flood), st.Dropped+1, 10_000)
		want(t, take(t, slow), 1, 100)

		s.SetBounds(1_000_000, time.Hour)
		synctest.Wait()
		putText(flood, 5_000)
		synctest.Wait()
		if again := flood.Stats(); again.Dropped > st.Dropped {
			t.Errorf("%d dropped with room for them, after %d", again.Dropped, st.Dropped)
		}
		synced := s.Stats().Syncs
		s.SetBounds(1_000_000, time.Second)
		time.Sleep(time.Second)
		synctest.Wait()
		if s.Stats().Syncs == synced {
			t.Error("earlier records are synced late")
		}
	})
}
