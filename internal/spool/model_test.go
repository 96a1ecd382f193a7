package spool

import (
	"context"
	"encoding/binary"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The model is a plain list. Each step may be a kill, which loses nothing but the
// last acknowledgements.
func TestSpool_MatchesItsModel(outer *testing.T) {
	rapid.Check(outer, func(t *rapid.T) {
		f, stage := newFakeFS(), stageOf(outer)
		s := Open(Options{FS: f, Stage: stage, MaxSize: 1 << 30})
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
				s = Open(Options{FS: f.copyAll(), Stage: stage, MaxSize: 1 << 30})
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
