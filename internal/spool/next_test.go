package spool

import (
	"slices"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// After a power cut seqs jump far ahead, and a compaction may put both sides of
// the gap into one extent: Next must skip the gap and return every record.
func TestNext_SkipsAGapWithinAnExtent(t *testing.T) {
	fs := newFakeFS()
	o := Options{Dir: "/d", FS: fs, MaxSize: 1 << 20}
	s := Open(o)
	slow, fast := s.Queue("slow"), s.Queue("fast")
	round := func() {
		putText(slow, 1)
		for range 40 {
			fast.Append(t.Context(), at, make([]byte, 900))
			fast.Commit()
		}
		fast.Ack(fast.Stats().Last)
	}
	for range 20 {
		round()
	}
	s.sync()
	s = Open(o)
	slow, fast = s.Queue("slow"), s.Queue("fast")
	before := 0
	for range 20 {
		if _, ok := slow.Next(); ok {
			before++
		}
	}
	for range 25 {
		round()
	}
	s.makeRoom()
	if got := before + len(take(t, slow)); got != 45 {
		t.Errorf("%d records of 45", got)
	}
}

// A temporary lack of file descriptors must not cost what is on disk.
func TestNext_RetriesAFailedRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := newFakeFS()
		s := Open(Options{Dir: "/d", FS: fs})
		const lines = 20_000
		putText(s.Queue("a"), lines)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = Open(Options{Dir: "/d", FS: fs})
		q := s.Queue("a")
		failed := false
		fs.set(-1, func(op, _ string) error {
			if op == "read" && !failed {
				failed = true
				return syscall.EMFILE
			}
			return nil
		})
		got := take(t, q)
		for len(got) < lines {
			time.Sleep(retryEvery)
			synctest.Wait()
			select {
			case <-q.Ready():
			default:
				t.Fatalf("%d records of %d, and no signal that more can be read", len(got), lines)
			}
			got = append(got, take(t, q)...)
		}
		if !failed || !slices.IsSorted(got) {
			t.Error("nothing failed, or the order is lost")
		}
	})
}

// Next returns each record once, and after a Rewind those that are not
// acknowledged.
func TestNext_ReturnsRecordsOnceUntilRewind(t *testing.T) {
	s := Open(Options{Dir: t.TempDir()})
	defer closeAll(t, s)
	q := s.Queue("greenhouse")
	if s.Queue("greenhouse") != q {
		t.Fatal("another queue under the same name")
	}
	putText(q, 4)
	want(t, take(t, q), 1, 4)
	q.Ack(2)
	want(t, take(t, q), 1, 0)
	q.Rewind()
	want(t, take(t, q), 3, 4)
	q.Ack(99) // more than there is
	q.Rewind()
	want(t, take(t, q), 1, 0)
	if st := q.Stats(); st.Lines != 0 || st.Bytes != 0 || st.Last != 4 || !st.Oldest.IsZero() {
		t.Fatalf("an emptied queue has %+v", st)
	}
}

// A record is available, and signalled, only after its Commit.
func TestNext_ReturnsNothingBeforeCommit(t *testing.T) {
	s := Open(Options{Dir: t.TempDir()})
	defer closeAll(t, s)
	q := s.Queue("a")
	q.Append(t.Context(), at, nil)
	if _, ok := q.Next(); ok || len(q.Ready()) != 0 {
		t.Fatal("a record was offered before Commit")
	}
	q.Commit()
	<-q.Ready()
	r, ok := q.Next()
	if !ok || r.Seq != 1 || !r.At.Equal(at) {
		t.Fatalf("got %+v, %v", r, ok)
	}
}

// A backlog larger than the window comes back from disk in order.
func TestNext_ReadsALongBacklogFromDisk(t *testing.T) {
	s := Open(Options{FS: newFakeFS()})
	queues := []*Queue{s.Queue("a"), s.Queue("b"), s.Queue("c")}
	for range 150 {
		for _, q := range queues {
			putText(q, 100)
		}
	}
	for _, q := range queues {
		if q.window.bytes > largestWindow {
			t.Fatalf("%d bytes in memory", q.window.bytes)
		}
		want(t, take(t, q), 1, 15_000)
		q.Rewind()
		q.Ack(7_000)
		putText(q, 10)
		want(t, take(t, q), 7_001, 15_010)
		q.Ack(15_010)
	}
	s.makeRoom()
	if st := s.Stats(); st.Lines != 0 || st.Bytes != 0 || st.Segments != 1 || st.Memory != 0 {
		t.Fatalf("left: %+v", st)
	}
}
