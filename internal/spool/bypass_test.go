package spool

import (
	"testing"

	"pgregory.net/rapid"
)

// written is how many records lie in a spool's files.
func written(f *fakeFS) (records int) {
	for name, file := range f.files {
		if number, ok := segmentNumber(name); ok {
			scan(file.data, salt(number), 0, func(_ int, e entry) {
				if e.kind == kindLine {
					records++
				}
			})
		}
	}
	return records
}

// Records bypass the disk only while the queue is connected and has nothing
// there.
func TestSetBypass_KeepsConnectedRecordsOffTheDisk(t *testing.T) {
	f := newFakeFS()
	s := Open(Options{FS: f})
	q := s.Queue("a")
	q.SetBypass(true)
	putText(q, 3) // not connected yet
	q.SetConnected(true)
	want(t, take(t, q), 1, 3)
	putText(q, 2) // behind others that wait on disk
	if n := written(f); n != 5 {
		t.Fatalf("%d records on disk, want 5", n)
	}
	want(t, take(t, q), 4, 5)
	q.Ack(5)
	for seq := uint64(6); seq <= 3000; seq++ {
		putText(q, 1)
		want(t, take(t, q), seq, seq)
		q.Ack(seq)
	}
	if n, st := written(f), s.Stats(); n != 5 || st.Writes > 20 {
		t.Errorf("%d records on disk, want 5; stats %+v", n, st)
	}
	putText(q, 4)
	q.SetConnected(false) // these four may have arrived or not
	putText(q, 1)
	if n := written(f); n != 10 {
		t.Errorf("%d records on disk, want 10", n)
	}
	want(t, take(t, Open(Options{FS: f.copyAll()}).Queue("a")), 3001, 3005)
}

// A broker that takes no more records must not fill the memory.
func TestSetBypass_WritesWhenTooMuchIsInFlight(t *testing.T) {
	f := newFakeFS()
	s := Open(Options{FS: f})
	q := s.Queue("a")
	q.SetBypass(true)
	q.SetConnected(true)
	putText(q, maxUncommitted/headSize+1)
	if st := s.Stats(); st.Memory != 0 {
		t.Errorf("%d bytes are in memory only", st.Memory)
	}
}

// No seq is assigned twice, however the process ends.
func TestSetBypass_SeqNeverGoesBack(outer *testing.T) {
	rapid.Check(outer, func(t *rapid.T) {
		f, stage, last := newFakeFS(), stageOf(outer), uint64(0)
		for range rapid.IntRange(1, 5).Draw(t, "lives") {
			s := Open(Options{FS: f, Stage: stage})
			q := s.Queue("a")
			q.SetBypass(true)
			q.SetConnected(true)
			for range rapid.IntRange(0, 3000).Draw(t, "lines") {
				seq := q.Append(t.Context(), at, nil)
				if seq <= last || seq > last+2*reserveStep {
					t.Fatalf("seq %d after %d", seq, last)
				}
				last = seq
				q.Commit()
				q.Ack(seq)
			}
			if rapid.Bool().Draw(t, "clean") {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			f = f.copyAll()
		}
	})
}
