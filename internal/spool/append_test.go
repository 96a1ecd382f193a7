package spool

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An Append beyond the limit blocks until an Ack, a disconnect or the end of its
// context.
func TestAppend_BlocksWhileConnected(t *testing.T) {
	for name, release := range map[string]func(*Queue, context.CancelFunc){
		"ack":        func(q *Queue, _ context.CancelFunc) { q.Ack(6) },
		"disconnect": func(q *Queue, _ context.CancelFunc) { q.SetConnected(false) },
		"cancel":     func(_ *Queue, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := Open(Options{FS: newFakeFS(), Live: 3 * headSize})
				q := s.Queue("a")
				for range 5 { // held before the connection came
					q.Append(t.Context(), at, nil)
				}
				q.SetConnected(true)
				for range 3 {
					q.Append(t.Context(), at, nil)
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var waiting sync.WaitGroup
				done := false
				waiting.Go(func() { q.Append(ctx, at, nil); done = true })
				synctest.Wait()
				if done {
					t.Fatal("append did not block")
				}
				// The records it waits for must be available even without a Commit.
				want(t, take(t, q), 1, 8)
				release(q, cancel)
				waiting.Wait()
				q.Commit()
				want(t, take(t, q), 9, 9)
			})
		})
	}
}

// The limit of Append falls with the backlog and ends at Live.
func TestAppend_LimitFollowsTheBacklog(t *testing.T) {
	s := Open(Options{FS: newFakeFS(), Live: 1000 * headSize})
	q := s.Queue("a")
	for range 5000 {
		q.Append(t.Context(), at, nil)
	}
	q.Commit()
	q.SetConnected(true)
	for acked := uint64(0); acked <= 5000; acked += 500 {
		q.Ack(acked)
		if limit := (5000 - int64(acked) + 1000) * headSize; q.limit != limit {
			t.Fatalf("at %d the limit is %d, want %d", acked, q.limit, limit)
		}
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
