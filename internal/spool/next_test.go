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
	fs.boot = "after the power cut"
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
