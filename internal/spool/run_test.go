package spool

import (
	"bytes"
	"context"
	"math/rand/v2"
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
