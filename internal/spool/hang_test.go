package spool

import (
	"errors"
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// While the disk hangs, no line waits: lines go out from memory, the state can be read,
// and a stop ends in time.
func TestRun_GoesOnWhileTheDiskHangs(t *testing.T) {
	folder := stageOf(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFakeFS()
		s := Open(Options{FS: f, Stage: folder, Sync: time.Second})
		stop := start(s)
		q := s.Queue("a")
		q.SetConnected(true)
		putText(q, 1)
		want(t, take(t, q), 1, 1)
		answer := f.hang()
		for seq := uint64(2); seq < 100; seq++ {
			from := time.Now()
			putText(q, 1)
			want(t, take(t, q), seq, seq)
			if seq%10 == 0 {
				q.Ack(seq)
			}
			_ = s.Stats()
			if waited := time.Since(from); waited > 0 {
				t.Fatalf("line %d waited %v", seq, waited)
			}
			time.Sleep(100 * time.Millisecond)
		}
		if s.Stats().MemoryOnly.IsZero() {
			t.Error("the disk counts as working")
		}
		from := time.Now()
		stop()
		if waited := time.Since(from); waited > 5*time.Second {
			t.Errorf("the stop took %v", waited)
		}
		answer()
		synctest.Wait()
	})
}

// Without a stage one line waits until the disk counts as failed, and the others do not
// wait. This takes 2 s: the lock that they share does not stand still in a bubble.
func TestCommit_WaitsOnceForADiskThatHangs(t *testing.T) {
	f := newFakeFS()
	s := Open(Options{FS: f})
	q, other := s.Queue("a"), s.Queue("b")
	answer := f.hang()
	from := time.Now()
	putText(q, 1)
	once := time.Since(from)
	putText(q, 1)
	putText(other, 1)
	if both := time.Since(from); once < time.Second || both > once+time.Second {
		t.Errorf("the first line waited %v, all %v", once, both)
	}
	want(t, take(t, q), 1, 2)
	want(t, take(t, other), 1, 1)
	answer()
}

// What came while the disk hung is on disk when it answers again.
func TestRun_WritesEverythingAfterAHang(t *testing.T) {
	folder := stageOf(t)
	synctest.Test(t, func(t *testing.T) {
		f := newFakeFS()
		s := Open(Options{FS: f, Stage: folder, Sync: time.Second})
		stop := start(s)
		q := s.Queue("a")
		putText(q, 100)
		answer := f.hang()
		for range 16 {
			putText(q, 10)
			time.Sleep(time.Second)
		}
		answer()
		time.Sleep(2 * retryEvery)
		synctest.Wait()
		if st := s.Stats(); !st.MemoryOnly.IsZero() || st.Memory != 0 {
			t.Errorf("the disk is not used again: %+v", st)
		}
		stop()
		want(t, take(t, Open(Options{FS: f.copyAll()}).Queue("a")), 1, 260)
	})
}

// No line waits for the fsync of the acknowledgements, which a slow card needs seconds for.
func TestRetryDisk_SyncsAcksWithoutTheLock(t *testing.T) {
	for _, failing := range []string{"sync", "write"} { // the file stays open, or not
		f := newFakeFS()
		s := Open(Options{FS: f})
		q := s.Queue("a")
		putText(q, 1)
		if failing == "sync" {
			s.acks.durable = false
		}
		f.set(-1, func(op, name string) error {
			if op == failing && name == acksName {
				return syscall.EIO
			}
			return nil
		})
		q.Ack(1)
		s.work(time.Now().Add(time.Second))
		s.mu.Lock()
		s.fail(syscall.EIO)
		s.mu.Unlock()
		syncs := 0
		f.set(-1, func(op, name string) error {
			if op == "sync" && name == acksName {
				syncs++
				if !s.mu.TryLock() {
					t.Errorf("after a failed %s: the lock is held", failing)
					return nil
				}
				s.mu.Unlock()
			}
			return nil
		})
		s.work(time.Now().Add(2 * retryEvery))
		if st := s.Stats(); syncs != 1 || !st.MemoryOnly.IsZero() {
			t.Errorf("after a failed %s: %d fsyncs: %+v", failing, syncs, st)
		}
	}
}

// An fsync that fails once loses what it was for: it is written again, and a power cut
// afterwards finds it.
func TestSync_WritesAgainWhatAFailedFsyncLost(t *testing.T) {
	for _, staged := range []bool{true, false} {
		folder := ""
		if staged {
			folder = stageOf(t)
		}
		f := newFakeFS()
		s := Open(Options{FS: f, Stage: folder})
		q := s.Queue("a")
		putText(q, 10)
		s.sync()
		putText(q, 10)
		f.set(-1, func(op, name string) error {
			if _, ours := segmentNumber(name); op == "sync" && ours {
				f.files[name].data = append([]byte(nil), f.files[name].synced...) // the kernel drops the pages
				return syscall.EIO
			}
			return nil
		})
		s.sync()
		f.set(-1, nil)
		s.work(time.Now().Add(2 * retryEvery))
		if st := s.Stats(); !st.MemoryOnly.IsZero() {
			t.Fatalf("the disk is not used again: %+v", st)
		}
		want(t, take(t, Open(Options{FS: f.afterCut()}).Queue("a")), 1, 20)
	}
}

// A disk that does not delete keeps its files in the count, and no record is dropped
// for their room. A failed fsync keeps everything.
func TestMakeRoom_DeletesOnlyAfterASync(t *testing.T) {
	for _, op := range []string{"sync", "remove"} {
		f := newFakeFS()
		s := Open(Options{FS: f, MaxSize: 1 << 20})
		s.log.segmentSize = 1000
		q := s.Queue("a")
		putText(q, 200)
		s.sync()
		putText(q, 1)
		q.Ack(150)
		before, files := s.Stats(), len(f.files)
		f.set(-1, func(got, _ string) error {
			if got == op {
				return syscall.EIO
			}
			return nil
		})
		s.makeRoom()
		if st := s.Stats(); len(f.files) < files || st.Disk < before.Disk || st.Dropped > 0 {
			t.Errorf("%s: %d of %d files are left, %+v", op, len(f.files), files, st)
		}
		f.set(-1, nil)
		s.work(time.Now().Add(2 * retryEvery))
		s.work(time.Now().Add(4 * retryEvery))
		if st := s.Stats(); st.Disk >= before.Disk {
			t.Errorf("%s: nothing was deleted afterwards: %+v", op, st)
		}
		want(t, take(t, q), 151, 201)
	}
}

// A segment that could not be read at the start is delivered when it can, and no seq is
// assigned twice.
func TestOpen_ReadsAnUnreadableSegmentLater(t *testing.T) {
	for _, broken := range []error{syscall.EIO, syscall.EMFILE} {
		f := newFakeFS()
		s := Open(Options{FS: f})
		s.log.segmentSize = 2000
		putText(s.Queue("a"), 100)
		closeAll(t, s)
		f = f.copyAll()
		newest := segmentName(s.log.newest)
		f.set(-1, func(op, name string) error {
			if op == "read" && name == newest {
				return broken
			}
			return nil
		})
		s = Open(Options{FS: f})
		q := s.Queue("a")
		from := q.Stats().Last
		putText(q, 5)
		f.set(-1, nil)
		got := takeAny(t, q)
		if last := got[len(got)-1].Seq; last <= 100 || last != from+5 {
			t.Fatalf("%v: the last seq is %d", broken, last)
		}
		q.Ack(got[len(got)-1].Seq)
		s.work(time.Now().Add(2 * retryEvery))
		got = append(got, takeAny(t, q)...)
		texts := map[string]int{}
		for i, r := range got {
			texts[string(r.Data)]++
			if i > 0 && r.Seq <= got[i-1].Seq {
				t.Errorf("%d came after %d", r.Seq, got[i-1].Seq)
			}
		}
		for seq := range 100 {
			if text := fmt.Sprintf("a %d temperature=23.50", seq+1); texts[text] != 1 {
				t.Errorf("%v: %s came %d times", broken, text, texts[text])
			}
		}
		closeAll(t, s)
		if left := takeAny(t, Open(Options{FS: f.copyAll()}).Queue("a")); len(left) == 0 || left[0].Seq <= from+5 {
			t.Errorf("%v: %d records are left", broken, len(left))
		}
	}
}

// With a stage, what the broker has taken before a sync is never written to the disk.
func TestSync_SparesTheDiskWhatIsAcknowledged(t *testing.T) {
	f := newFakeFS()
	s := Open(Options{FS: f, Stage: stageOf(t)})
	s.log.segmentSize = 2000
	q := s.Queue("a")
	for range 100 {
		putText(q, 10)
		q.Ack(q.Stats().Last - 3)
	}
	s.sync()
	s.makeRoom()
	bytes := 0
	for name, file := range f.files {
		if _, ours := segmentNumber(name); ours {
			bytes += len(file.data)
		}
	}
	if s.Stats().Written < 50_000 || bytes > 5000 || s.Stats().Segments > 2 {
		t.Errorf("%d bytes of %d are on disk, %+v", bytes, s.Stats().Written, s.Stats())
	}
	want(t, take(t, Open(Options{FS: f.afterCut()}).Queue("a")), 998, 1000)
	closeAll(t, s)
}

// One passing error while segments are rewritten drops nothing.
func TestMakeRoom_APassingErrorDropsNothing(t *testing.T) {
	f := newFakeFS()
	s := Open(Options{FS: f, MaxSize: 1 << 20})
	s.log.segmentSize = 1000
	flood, slow := s.Queue("flood"), s.Queue("slow")
	for range 20 {
		putText(flood, 20)
		putText(slow, 1)
	}
	flood.Ack(flood.Stats().Last - 3)
	s.makeRoom()
	s.SetBounds(s.Stats().Disk-1, time.Second)
	once := errors.New("once")
	f.set(-1, func(op, name string) error {
		if op == "create" && filepath.Ext(name) == tempSuffix && once != nil {
			defer func() { once = nil }()
			return syscall.EMFILE
		}
		return nil
	})
	s.makeRoom()
	s.work(time.Now().Add(2 * retryEvery))
	if st := s.Stats(); st.Dropped > 0 || st.Disk > s.opts.MaxSize || once != nil {
		t.Errorf("%+v; %v", st, once)
	}
}
