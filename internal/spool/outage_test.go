package spool

import (
	"bytes"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"arduino-gateway/internal/stagedfs"
)

// The disk fails in several ways for a while: nothing within the memory's bound
// is lost or out of order, and all of it is on disk afterwards.
func TestSpool_SurvivesDiskFailures(t *testing.T) {
	only := func(op string, err error) func(string, string) error {
		return func(got, _ string) error {
			if got == op {
				return err
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		space int64
		fail  func(op, name string) error
	}{
		"full":    {100, nil},
		"full, 0": {0, nil},
		"read-only": {-1, func(op, _ string) error {
			if op == "read" || op == "names" {
				return nil
			}
			return syscall.EROFS
		}},
		"write":   {-1, only("write", syscall.EIO)},
		"sync":    {-1, only("sync", syscall.EIO)},
		"syncdir": {-1, only("syncdir", syscall.EIO)},
		"create":  {-1, only("create", syscall.EMFILE)},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeFS()
			s := Open(Options{FS: f})
			s.log.segmentSize = 3000
			q, other := s.Queue("a"), s.Queue("b")
			putText(q, 100)
			want(t, take(t, q), 1, 100)
			f.set(c.space, c.fail)
			for range 10 {
				putText(q, 20)
				putText(other, 20)
				s.sync()
			}
			if s.Stats().MemoryOnly.IsZero() {
				t.Fatal("the failure was not noticed")
			}
			want(t, take(t, q), 101, 300)
			q.Ack(150)
			s.retryDisk(time.Now())
			s.makeRoom()
			if s.Stats().MemoryOnly.IsZero() {
				t.Fatal("the disk counts as working")
			}
			f.set(-1, nil)
			s.work(time.Now().Add(2 * retryEvery))
			if st := s.Stats(); !st.MemoryOnly.IsZero() || st.Memory != 0 || st.Dropped != 0 {
				t.Fatalf("the disk is not used again: %+v", st)
			}
			putText(q, 10)
			q.Rewind()
			want(t, take(t, q), 151, 310)
			s.writeAcks(time.Now())
			again := Open(Options{FS: f.copyAll()})
			want(t, take(t, again.Queue("a")), 151, 310)
			want(t, take(t, again.Queue("b")), 1, 200)
			if st := again.Stats(); st.Damaged != 0 {
				t.Errorf("the rest of the failed write counts as damage: %+v", st)
			}
		})
	}
}

// Without a disk the queue with the most records loses its oldest, and only that
// one.
func TestSpool_MemoryIsBoundedWithoutDisk(t *testing.T) {
	f := newFakeFS()
	f.set(-1, func(op, _ string) error { return syscall.EACCES })
	s := Open(Options{FS: f})
	q, small := s.Queue("a"), s.Queue("b")
	putText(small, 10)
	for range 2000 {
		q.Append(t.Context(), at, make([]byte, 5000))
		q.Commit()
	}
	st := s.Stats()
	if st.Memory > maxMemoryOnly || st.Memory < maxMemoryOnly-6000 || st.Dropped == 0 || st.Lines+int(st.Dropped) != 2010 {
		t.Fatalf("stats are %+v", st)
	}
	base := s.base
	want(t, take(t, small), base+1, base+10)
	r, ok := q.Next()
	if !ok || r.Seq != base+st.Dropped+1 {
		t.Fatalf("the first is %d of %+v", r.Seq, st)
	}
	f.set(-1, nil)
	s.work(time.Now().Add(2 * retryEvery))
	if st := s.Stats(); !st.MemoryOnly.IsZero() || st.Memory != 0 {
		t.Fatalf("stats are %+v", st)
	}
}

// A folder that was unreadable at the start is used when it is there. The backlog in it
// follows what came since, with seqs that are higher than all before, also in the next
// run.
func TestSpool_TakesUpALateFolder(t *testing.T) {
	f := aLog().copyAll()
	f.set(-1, func(op, _ string) error { return syscall.EACCES })
	s := Open(Options{FS: f})
	q := s.Queue("a")
	putText(q, 5)
	first := takeAny(t, q)
	if len(first) != 5 || first[0].Seq <= 500 {
		t.Fatalf("%d records, the first is %d", len(first), first[0].Seq)
	}
	f.set(-1, nil)
	s.retryDisk(time.Now())
	if !s.Stats().MemoryOnly.IsZero() {
		t.Fatal("the folder is not used")
	}
	q.Ack(first[4].Seq)
	s.work(time.Now().Add(retryEvery))
	rest := takeAny(t, q)
	if len(rest) != 500 || rest[0].Seq <= first[4].Seq || !strings.HasPrefix(string(rest[0].Data), "a 1 ") {
		t.Fatalf("%d records, the first is %d %s", len(rest), rest[0].Seq, rest[0].Data)
	}
	q.Ack(rest[99].Seq)
	closeAll(t, s)
	again := Open(Options{FS: f.copyAll()})
	left := takeAny(t, again.Queue("a"))
	if len(left) != 400 || left[0].Seq != rest[100].Seq || again.Queue("a").Stats().Last != rest[499].Seq {
		t.Fatalf("%d records are left", len(left))
	}
}

// A folder that has no fsync serves as any other, with one line in the log.
func TestSpool_UsesAFolderThatCannotBeSynced(t *testing.T) {
	var log bytes.Buffer
	f := newFakeFS()
	f.set(-1, func(op, _ string) error {
		if op == "syncdir" {
			return stagedfs.ErrNoFolderSync
		}
		return nil
	})
	s := Open(Options{FS: f, Log: slog.New(slog.NewTextHandler(&log, nil))})
	s.log.segmentSize = 1000
	for range 10 {
		putText(s.Queue("a"), 20)
		s.sync()
	}
	if st := s.Stats(); !st.MemoryOnly.IsZero() || st.Memory > 0 || st.Segments < 5 {
		t.Errorf("%+v", st)
	}
	closeAll(t, s)
	if strings.Count(log.String(), "\n") != 1 || !strings.Contains(log.String(), "cannot sync a folder") {
		t.Errorf("the log is:\n%s", &log)
	}
	want(t, take(t, Open(Options{FS: f.copyAll()}).Queue("a")), 1, 200)
}

// takeAny takes records whose text does not name their seq.
func takeAny(t *testing.T, q *Queue) (records []Record) {
	t.Helper()
	for {
		r, ok := q.Next()
		if !ok {
			return records
		}
		records = append(records, r)
	}
}

// After an outage of the disk everything is written, with two lines in the log.
func TestRun_UsesTheDiskAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		f := newFakeFS()
		s := Open(Options{FS: f, Log: slog.New(slog.NewTextHandler(&log, nil))})
		defer start(s)()
		q := s.Queue("a")
		f.set(50, nil)
		for range 100 {
			putText(q, 10)
			time.Sleep(100 * time.Millisecond)
		}
		f.set(-1, func(string, string) error { return syscall.EROFS })
		time.Sleep(time.Minute)
		f.set(-1, nil)
		time.Sleep(2 * retryEvery)
		synctest.Wait()
		if st := s.Stats(); !st.MemoryOnly.IsZero() || st.Memory != 0 {
			t.Fatalf("stats are %+v", st)
		}
		want(t, take(t, Open(Options{FS: f.copyAll()}).Queue("a")), 1, 1000)
		if n := strings.Count(log.String(), "\n"); n != 2 {
			t.Errorf("the log has %d lines:\n%s", n, log.String())
		}
	})
}

// A disk that frees a little room now and then would be tried, and would fail,
// every few seconds, with two lines in the log each time.
func TestRun_LeavesANearlyFullDiskAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		f := newFakeFS()
		s := Open(Options{FS: f, Log: slog.New(slog.NewTextHandler(&log, nil))})
		stop := start(s)
		q := s.Queue("a")
		f.set(50, nil)
		for range 20 {
			putText(q, 10)
			time.Sleep(retryEvery)
			f.set(largestSegment, nil)
		}
		if n := strings.Count(log.String(), "\n"); n != 1 || s.Stats().MemoryOnly.IsZero() {
			t.Errorf("the log has %d lines:\n%s", n, &log)
		}
		f.set(-1, func(string, string) error { return syscall.EIO })
		stop()
		_ = s.Close()
		if !strings.Contains(log.String(), "lines lost at shutdown: the spool could not write them\" lines=200") {
			t.Errorf("the loss was not logged:\n%s", &log)
		}
	})
}

// A disk is mounted over the folder while the spool runs: nothing on it is overwritten,
// the lines in memory go to it, and those that wait on it follow.
func TestSpool_TakesUpADiskThatIsMountedOverItsFolder(t *testing.T) {
	for _, beneath := range []error{nil, syscall.EROFS} { // the folder is used, or cannot be written to
		for _, folder := range []string{"", stageOf(t)} {
			f := newFakeFS()
			f.set(-1, func(op, _ string) error {
				if op == "create" {
					return beneath
				}
				return nil
			})
			s := Open(Options{FS: f, Stage: folder})
			q := s.Queue("a")
			putText(q, 5)
			s.sync()
			first := takeAny(t, q)
			f.set(-1, nil)
			f.files = aLog().files
			for _, file := range f.files {
				file.fs = f
			}
			putText(q, 5)
			s.work(time.Now().Add(lazySync))
			s.work(time.Now().Add(2 * lazySync))
			s.work(time.Now().Add(3 * lazySync))
			got := append(first, takeAny(t, q)...)
			if st := s.Stats(); len(got) != 510 || st.Memory != 0 || st.Dropped != 0 {
				t.Fatalf("beneath %v, stage %q: %d records: %+v", beneath, folder, len(got), st)
			}
			for i := 1; i < len(got); i++ {
				if got[i].Seq <= got[i-1].Seq {
					t.Fatalf("%d came after %d", got[i].Seq, got[i-1].Seq)
				}
			}
			q.Ack(got[504].Seq)
			closeAll(t, s)
			left := takeAny(t, Open(Options{FS: f.copyAll()}).Queue("a"))
			if len(left) != 5 || left[4].Seq != got[509].Seq {
				t.Fatalf("%d records are left", len(left))
			}
		}
	}
}
