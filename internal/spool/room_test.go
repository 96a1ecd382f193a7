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

// If what was acknowledged makes room enough, no line is dropped.
func TestMakeRoom_DropsNothingIfAcknowledgedLinesMakeRoom(t *testing.T) {
	s := Open(Options{FS: newFakeFS(), MaxSize: 100_000})
	q := s.Queue("board")
	for s.Stats().Disk <= 100_000 {
		putText(q, 1)
	}
	q.Ack(q.disk.list[1].last)
	s.makeRoom()
	if st := s.Stats(); st.Dropped != 0 || st.Disk > 100_000 {
		t.Fatalf("%+v", st)
	}
}

// A segment whose lines are acknowledged at the right moment never reaches the disk. It
// is deleted, and keeps no other from being rewritten.
func TestMakeRoom_DropsNothingForASegmentThatTheDiskNeverGot(t *testing.T) {
	const max = 100_000
	f := newFakeFS()
	s := Open(Options{FS: f, MaxSize: max, Stage: stageOf(t)})
	quick, slow := s.Queue("quick"), s.Queue("slow")
	for s.Stats().Disk <= max+s.log.segmentSize {
		putText(quick, 5)
		putText(slow, 1)
	}
	putText(quick, 300)
	putText(slow, 1)
	quick.Ack(quick.Stats().Last)
	var once bool
	f.set(-1, func(op, name string) error {
		if op == "remove" && !once {
			once = true
			for first := s.log.newest; s.log.newest < first+2; {
				putText(quick, 5)
			}
			quick.Ack(quick.Stats().Last)
		}
		return nil
	})
	s.makeRoom()
	if st := s.Stats(); st.Dropped != 0 || st.Disk > max {
		t.Fatalf("%+v", st)
	}
}

// What cannot be deleted after a compaction is counted, and deleted later.
func TestMakeRoom_CountsWhatCannotBeDeleted(t *testing.T) {
	const max = 100_000
	f := newFakeFS()
	s := Open(Options{FS: f, MaxSize: max})
	quick, slow := s.Queue("quick"), s.Queue("slow")
	for s.Stats().Disk <= max {
		putText(quick, 20)
		putText(slow, 1)
	}
	quick.Ack(quick.Stats().Last)
	f.set(-1, func(op, name string) error {
		if op == "remove" {
			return syscall.EIO
		}
		return nil
	})
	s.makeRoom()
	if disk := s.Stats().Disk; disk != f.segmentBytes() {
		t.Errorf("%d bytes counted, %d on disk", disk, f.segmentBytes())
	}
	f.set(-1, nil)
	s.makeRoom()
	if st := s.Stats(); st.Disk > max || st.Disk != f.segmentBytes() || st.Dropped > 0 {
		t.Errorf("%d bytes on disk: %+v", f.segmentBytes(), st)
	}
}

// segmentBytes returns the bytes of all segments.
func (f *fakeFS) segmentBytes() (n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name, file := range f.files {
		if _, ours := segmentNumber(name); ours {
			n += int64(len(file.data))
		}
	}
	return n
}
