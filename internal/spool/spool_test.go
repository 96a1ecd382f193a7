package spool

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
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

// A killed process loses no record, no acknowledgement and no seq.
func TestOpen_FindsAllAfterAKill(t *testing.T) {
	dir := t.TempDir()
	s := Open(Options{Dir: dir})
	for _, name := range []string{"a", "b"} {
		putText(s.Queue(name), 100)
	}
	s.Queue("a").Append(t.Context(), time.Time{}, nil)
	s.Queue("a").Commit()
	s.Queue("b").Ack(40)
	s.work(time.Now().Add(ackDelay))
	defer closeAll(t, s)

	again := Open(Options{Dir: dir})
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

// The zero time survives the disk.
func TestAppend_KeepsAZeroTime(t *testing.T) {
	f := newFakeFS()
	q := Open(Options{FS: f}).Queue("a")
	q.Append(t.Context(), time.Time{}, nil)
	q.Commit()
	if r, _ := Open(Options{FS: f}).Queue("a").Next(); r.Seq != 1 || !r.At.IsZero() {
		t.Fatalf("got %+v", r)
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
			f := newFakeFS()
			for run := range uint64(5) {
				s := Open(Options{FS: f, MaxSize: 1})
				q := s.Queue("a")
				if run == 3 {
					want(t, take(t, q), 1, 0)
				}
				if got := q.Stats().Last; got != 300*run {
					t.Fatalf("run %d begins after %d", run, got)
				}
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

// Data above MaxData is counted as dropped and takes no seq.
func TestAppend_CountsTooLongData(t *testing.T) {
	q := Open(Options{FS: newFakeFS()}).Queue("a")
	q.Append(t.Context(), at, make([]byte, MaxData+1))
	q.Append(t.Context(), at, make([]byte, MaxData))
	q.Commit()
	if r, ok := q.Next(); !ok || r.Seq != 1 || len(r.Data) != MaxData || q.Stats().Dropped != 1 {
		t.Fatalf("got %d, %v, %+v", r.Seq, ok, q.Stats())
	}
}

// The model is a plain list. Each step may be a kill, which loses nothing but the
// last acknowledgements.
func TestSpool_MatchesItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFakeFS()
		s := Open(Options{FS: f, MaxSize: 1 << 30})
		s.log.segmentSize = 2000
		names := []string{"a", "b"}
		type model struct{ seq, acked, next uint64 }
		models := map[string]*model{"a": {}, "b": {}}
		pick := func(t *rapid.T) (*Queue, *model) {
			name := rapid.SampledFrom(names).Draw(t, "queue")
			return s.Queue(name), models[name]
		}
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				q, m := pick(t)
				for range rapid.IntRange(1, 30).Draw(t, "n") {
					m.seq++
					if got := q.Append(context.Background(), at, binary.LittleEndian.AppendUint64(nil, m.seq)); got != m.seq {
						t.Fatalf("seq %d, want %d", got, m.seq)
					}
				}
				q.Commit()
			},
			"forget memory": func(*rapid.T) {
				for _, q := range s.queues.order {
					for q.window.n > q.unstored {
						q.window.pop()
					}
				}
			},
			"next": func(t *rapid.T) {
				q, m := pick(t)
				for range rapid.IntRange(1, 30).Draw(t, "n") {
					r, ok := q.Next()
					m.next = max(m.next, m.acked)
					if ok != (m.next < m.seq) {
						t.Fatalf("next is %v at %+v", ok, *m)
					}
					if !ok {
						break
					}
					m.next++
					if r.Seq != m.next || binary.LittleEndian.Uint64(r.Data) != r.Seq {
						t.Fatalf("got %d with %x, want %d", r.Seq, r.Data, m.next)
					}
				}
			},
			"ack": func(t *rapid.T) {
				q, m := pick(t)
				m.acked = rapid.Uint64Range(m.acked, max(m.acked, m.next)).Draw(t, "to")
				q.Ack(m.acked)
			},
			"rewind": func(t *rapid.T) { q, m := pick(t); q.Rewind(); m.next = m.acked },
			"room":   func(*rapid.T) { s.makeRoom() },
			"squeeze": func(*rapid.T) {
				s.filing.Lock()
				s.compact()
				s.filing.Unlock()
			},
			"disk away": func(*rapid.T) {
				f.set(-1, func(op, _ string) error { return map[string]error{"write": syscall.EIO}[op] })
			},
			"disk back": func(*rapid.T) {
				f.set(-1, nil)
				if !s.Stats().MemoryOnly.IsZero() {
					s.retryDisk(time.Now())
				}
			},
			"restart": func(t *rapid.T) {
				f.set(-1, nil)
				if !s.Stats().MemoryOnly.IsZero() {
					s.retryDisk(time.Now())
				}
				if rapid.Bool().Draw(t, "clean") {
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
				} else {
					s.writeAcks(time.Now())
				}
				s = Open(Options{FS: f.copyAll(), MaxSize: 1 << 30})
				f = s.opts.FS.(*fakeFS)
				s.log.segmentSize = 2000
				for _, m := range models {
					m.next = m.acked
				}
			},
			"": func(t *rapid.T) {
				for name, m := range models {
					st := s.Queue(name).Stats()
					if st.Lines != int(m.seq-m.acked) || st.Bytes != int64(st.Lines)*40 || st.Last != m.seq {
						t.Fatalf("%s: stats %+v, model %+v", name, st, *m)
					}
				}
				if st := s.Stats(); st.Damaged != 0 || st.Dropped != 0 {
					t.Fatalf("damaged or dropped: %+v", st)
				}
			},
		})
	})
}
