package spool

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var at = time.Unix(1_700_000_000, 123_456_789)

// putText appends texts that name their own seq.
func putText(q *Queue, n int) {
	for range n {
		q.Append(context.Background(), at, fmt.Appendf(nil, "%s %d temperature=23.50", q.name, q.Stats().Last+1))
	}
	q.Commit()
}

func take(t testing.TB, q *Queue) (seqs []uint64) {
	t.Helper()
	for {
		r, ok := q.Next()
		if !ok {
			return seqs
		}
		if len(r.Data) > 0 && !strings.HasPrefix(string(r.Data), fmt.Sprintf("%s %d ", q.name, r.Seq)) {
			t.Fatalf("record %d of %q holds %q", r.Seq, q.name, r.Data)
		}
		if len(seqs) > 0 && r.Seq <= seqs[len(seqs)-1] {
			t.Fatalf("record %d came after %d", r.Seq, seqs[len(seqs)-1])
		}
		seqs = append(seqs, r.Seq)
	}
}

// stageOf returns a new stage. What is written to it outlives a spool that is not
// closed.
func stageOf(t interface{ TempDir() string }) string { return filepath.Join(t.TempDir(), "stage") }

func span(from, to uint64) (seqs []uint64) {
	for ; from <= to; from++ {
		seqs = append(seqs, from)
	}
	return seqs
}

func want(t testing.TB, got []uint64, from, to uint64) {
	t.Helper()
	if !slices.Equal(got, span(from, to)) {
		t.Fatalf("got %d records %v, want %d to %d", len(got), ends(got), from, to)
	}
}

func ends(seqs []uint64) []uint64 {
	if len(seqs) < 8 {
		return seqs
	}
	return append(slices.Clone(seqs[:3]), seqs[len(seqs)-3:]...)
}

func closeAll(t testing.TB, s *Spool) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A killed process loses no record, no acknowledgement and no seq.
func TestOpen_FindsAllAfterAKill(t *testing.T) {
	dir, stage := t.TempDir(), stageOf(t)
	s := Open(Options{Dir: dir, Stage: stage})
	for _, name := range []string{"a", "b"} {
		putText(s.Queue(name), 100)
	}
	s.Queue("a").Append(t.Context(), time.Time{}, nil)
	s.Queue("a").Commit()
	s.Queue("b").Ack(40)
	s.work(time.Now().Add(ackDelay))

	again := Open(Options{Dir: dir, Stage: stage})
	defer closeAll(t, again)
	want(t, take(t, again.Queue("a")), 1, 101)
	want(t, take(t, again.Queue("b")), 41, 100)
	if got := again.Queue("a").Append(t.Context(), at, nil); got != 102 {
		t.Fatalf("the next seq is %d", got)
	}
	if st := again.Stats(); st.Damaged != 0 || st.Lines != 162 || st.MemoryOnly != (time.Time{}) {
		t.Fatalf("stats are %+v", st)
	}
	if r := again.Queues(); len(r) != 2 || r[0].Name != "a" || r[0].Lines != 102 || !r[0].Oldest.Equal(at) {
		t.Fatalf("queues are %+v", r)
	}
}

// After everything was acknowledged seq still continues, whatever happened to the
// file acks.
func TestOpen_SeqNeverGoesBack(t *testing.T) {
	for name, spoil := range map[string]func(*fakeFS){
		"intact":   func(*fakeFS) {},
		"missing":  func(f *fakeFS) { delete(f.files, acksName) },
		"short":    func(f *fakeFS) { f.files[acksName].data = []byte("AG") },
		"zeroed":   func(f *fakeFS) { clear(f.files[acksName].data) },
		"scribble": func(f *fakeFS) { fill(f.files[acksName].data) },
	} {
		t.Run(name, func(t *testing.T) {
			f, last := newFakeFS(), uint64(0)
			for run := range 5 {
				s := Open(Options{FS: f, MaxSize: 1})
				q := s.Queue("a")
				if run == 3 {
					want(t, take(t, q), 1, 0)
				}
				got := q.Stats().Last
				if got < last || name == "intact" && got > last {
					t.Fatalf("run %d begins after %d, and %d was the last", run, got, last)
				}
				last = got + 300
				putText(q, 300)
				take(t, q)
				q.Ack(q.Stats().Last)
				closeAll(t, s)
				if n := s.Stats().Segments; n != 1 {
					t.Fatalf("%d segments are left after everything was acknowledged", n)
				}
				spoil(f)
			}
		})
	}
}

func fill(b []byte) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
}
