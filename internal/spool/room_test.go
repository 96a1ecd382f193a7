package spool

import (
	"syscall"
	"testing"
)

// A device that is never emptied loses its own oldest records; the others, slow
// or quick, lose nothing.
func TestMakeRoom_KeepsMaxSize(t *testing.T) {
	const max = 400_000
	f := newFakeFS()
	s := Open(Options{FS: f, MaxSize: max})
	flood, slow, quick := s.Queue("flood"), s.Queue("slow"), s.Queue("quick")
	for i := range 3000 {
		putText(flood, 20)
		putText(quick, 5)
		quick.Ack(quick.Stats().Last)
		if i%10 == 0 {
			putText(slow, 1)
		}
		s.makeRoom()
		if st := s.Stats(); st.Disk > max {
			t.Fatalf("%d bytes on disk", st.Disk)
		}
	}
	if n := slow.Stats().Dropped + quick.Stats().Dropped; n != 0 {
		t.Fatalf("%d records of the others were dropped", n)
	}
	want(t, take(t, slow), 1, 300)
	st := flood.Stats()
	got := take(t, flood)
	want(t, got, st.Dropped+1, 60_000)
	if int64(len(got))*60 < max/2 {
		t.Fatalf("only %d records are left of %d bytes", len(got), max)
	}
	if w := s.Stats().Written; w > 3*75_300*70 {
		t.Fatalf("%d bytes were written", w)
	}
	again := Open(Options{FS: f.copyAll(), MaxSize: max})
	want(t, take(t, again.Queue("slow")), 1, 300)
	if st := again.Stats(); st.Damaged != 0 {
		t.Fatalf("stats are %+v", st)
	}
}

// If compaction fails, the log is at most a segment larger than its bound, for a disk
// that works again.
func TestMakeRoom_KeepsMaxSizeWithoutCompaction(t *testing.T) {
	f := newFakeFS()
	s := Open(Options{FS: f, MaxSize: 100_000})
	f.set(-1, func(op, _ string) error {
		if op == "rename" {
			return syscall.EIO
		}
		return nil
	})
	flood, slow := s.Queue("flood"), s.Queue("slow")
	for range 250 {
		putText(flood, 20)
		putText(slow, 1)
		s.makeRoom()
		if st := s.Stats(); st.Disk > 100_000+s.log.segmentSize {
			t.Fatalf("%+v", st)
		}
	}
	st := slow.Stats()
	want(t, take(t, slow), st.Dropped+1, 250)
}
