package queue

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"arduino-gateway/device"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func line(seq uint64) device.Line {
	return device.Line{Seq: seq, Readings: []device.Reading{{Name: "t", Value: "1"}}}
}

var lineSize = line(0).Size()

func appendAll(t *testing.T, q *Queue, from, to uint64) {
	t.Helper()
	for seq := from; seq <= to; seq++ {
		if err := q.Append(t.Context(), line(seq)); err != nil {
			t.Fatalf("append %d: %v", seq, err)
		}
	}
}

// take drains Next and returns the sequence numbers.
func take(q *Queue) (seqs []uint64) {
	for {
		l, ok := q.Next()
		if !ok {
			return seqs
		}
		seqs = append(seqs, l.Seq)
	}
}

func wantSeqs(t *testing.T, got []uint64, want ...uint64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("got lines %v, want %v", got, want)
	}
}

func TestLinesAreGivenOnceUntilRewind(t *testing.T) {
	q := New(Limits{})
	appendAll(t, q, 1, 4)
	wantSeqs(t, take(q), 1, 2, 3, 4)
	wantSeqs(t, take(q))
	q.Ack(2)
	wantSeqs(t, take(q))
	q.Rewind()
	wantSeqs(t, take(q), 3, 4)
	q.Ack(4)
	q.Rewind()
	wantSeqs(t, take(q))
	if got := q.Stats(); got != (Stats{}) {
		t.Fatalf("an emptied queue has %+v", got)
	}
}

func TestNewestStayWhenHeldIsFull(t *testing.T) {
	q := New(Limits{Live: lineSize, Held: 3 * lineSize})
	appendAll(t, q, 1, 5)
	if got, want := q.Stats(), (Stats{Lines: 3, Bytes: 3 * lineSize, Dropped: 2}); got != want {
		t.Fatalf("stats are %+v, want %+v", got, want)
	}
	wantSeqs(t, take(q), 3, 4, 5)
}

func TestAckOfDroppedLinesIsNoError(t *testing.T) {
	q := New(Limits{Live: lineSize, Held: 3 * lineSize})
	appendAll(t, q, 1, 3)
	wantSeqs(t, take(q), 1, 2, 3)
	appendAll(t, q, 4, 5) // 1 and 2 go, though they were given
	q.Ack(2)
	wantSeqs(t, take(q), 4, 5)
	q.Ack(4)
	q.Rewind()
	wantSeqs(t, take(q), 5)
}

func TestLateAckAfterRewind(t *testing.T) {
	q := New(Limits{})
	appendAll(t, q, 1, 3)
	take(q)
	q.Rewind()
	q.Ack(2) // on its way when the connection broke
	wantSeqs(t, take(q), 3)
}

func TestConnectedAppendBlocksUntil(t *testing.T) {
	cases := map[string]struct {
		release func(*Queue, context.CancelFunc)
		left    []uint64
	}{
		"ack":        {func(q *Queue, _ context.CancelFunc) { q.Ack(1) }, []uint64{2, 3}},
		"disconnect": {func(q *Queue, _ context.CancelFunc) { q.SetConnected(false) }, []uint64{1, 2, 3}},
		"cancel":     {func(_ *Queue, cancel context.CancelFunc) { cancel() }, []uint64{1, 2, 3}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := New(Limits{Live: 2 * lineSize, Held: 4 * lineSize})
				q.SetConnected(true)
				appendAll(t, q, 1, 2)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				done := make(chan error, 1)
				go func() { done <- q.Append(ctx, line(3)) }()
				synctest.Wait()
				select {
				case err := <-done:
					t.Fatalf("append did not block: %v", err)
				default:
				}
				c.release(q, cancel)
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				wantSeqs(t, take(q), c.left...)
			})
		})
	}
}

func TestAckWithoutRoomKeepsAppendWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := New(Limits{Live: 2 * lineSize, Held: 9 * lineSize})
		appendAll(t, q, 1, 6) // a backlog well above Live
		q.SetConnected(true)
		done := make(chan error, 1)
		go func() { done <- q.Append(t.Context(), line(7)) }()
		q.Ack(3)
		synctest.Wait()
		if len(done) != 0 {
			t.Fatal("append went on with three lines waiting and room for two")
		}
		q.Ack(5)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		wantSeqs(t, take(q), 6, 7)
	})
}

func TestLineAboveTheLimitPassesAnEmptyQueue(t *testing.T) {
	big := device.Line{Seq: 1, Readings: []device.Reading{{Value: strings.Repeat("x", 500)}}}
	for _, connected := range []bool{true, false} {
		q := New(Limits{Live: lineSize, Held: lineSize})
		q.SetConnected(connected)
		if err := q.Append(t.Context(), big); err != nil {
			t.Fatalf("connected %v: %v", connected, err)
		}
		wantSeqs(t, take(q), 1)
	}
}

func TestReadyIsSignalledOncePerBatch(t *testing.T) {
	q := New(Limits{})
	if len(q.Ready()) != 0 {
		t.Fatal("ready before an append")
	}
	appendAll(t, q, 1, 3)
	<-q.Ready()
	if len(q.Ready()) != 0 {
		t.Fatal("a second signal waits")
	}
}

func TestMemoryIsGivenBack(t *testing.T) {
	q := New(Limits{Held: 10_000 * lineSize})
	appendAll(t, q, 1, 12_000)
	most := cap(q.lines.entries)
	if most > q.limits.Held/lineOverhead+1 {
		t.Fatalf("%d entries are more than the bound allows", most)
	}
	q.Ack(11_999)
	if got := cap(q.lines.entries); got > 2*smallestRing {
		t.Fatalf("one line waits in a ring of %d (at most it was %d)", got, most)
	}
	wantSeqs(t, take(q), 12_000)
}

func TestDefaultsAndOrderOfLimits(t *testing.T) {
	if got := New(Limits{}).limits; got != (Limits{DefaultLive, DefaultHeld}) {
		t.Fatalf("defaults are %+v", got)
	}
	if got := New(Limits{Live: 900, Held: 100}).limits; got != (Limits{900, 900}) {
		t.Fatalf("held below live gives %+v", got)
	}
}

// model is the queue as anybody would write it with a plain slice.
type model struct {
	lines     []device.Line
	given     int
	dropped   uint64
	limits    Limits
	connected bool
}

func (m *model) bytes() (n int) {
	for _, l := range m.lines {
		n += l.Size()
	}
	return n
}

func (m *model) forget() {
	m.lines = m.lines[1:]
	m.given = max(0, m.given-1)
}

// append is false where the queue would block.
func (m *model) append(l device.Line) bool {
	if m.connected && len(m.lines) > 0 && m.bytes()+l.Size() > m.limits.Live {
		return false
	}
	for len(m.lines) > 0 && m.bytes()+l.Size() > m.limits.Held {
		m.forget()
		m.dropped++
	}
	m.lines = append(m.lines, l)
	return true
}

func TestQueueIsItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := Limits{
			Live: rapid.IntRange(1, 2000).Draw(t, "live"),
			Held: rapid.IntRange(2000, 12_000).Draw(t, "held"),
		}
		q, m, seq := New(limits), &model{limits: limits}, uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"append": func(t *rapid.T) {
				seq += rapid.Uint64Range(1, 3).Draw(t, "step")
				l := line(seq)
				l.Readings[0].Value = strings.Repeat("v", rapid.IntRange(0, 300).Draw(t, "length"))
				want := m.append(l)
				if took := q.offer(l, l.Size(), true); took != want {
					t.Fatalf("took it: %v; the model: %v", took, want)
				}
			},
			"next": func(t *rapid.T) {
				got, ok := q.Next()
				if want := m.given < len(m.lines); ok != want {
					t.Fatalf("next is %v, want %v", ok, want)
				}
				if ok {
					if got.Seq != m.lines[m.given].Seq {
						t.Fatalf("next gave %d, want %d", got.Seq, m.lines[m.given].Seq)
					}
					m.given++
				}
			},
			"ack": func(t *rapid.T) {
				to := rapid.Uint64Range(0, seq).Draw(t, "to")
				q.Ack(to)
				for len(m.lines) > 0 && m.lines[0].Seq <= to {
					m.forget()
				}
			},
			"rewind":  func(*rapid.T) { q.Rewind(); m.given = 0 },
			"connect": func(t *rapid.T) { m.connected = rapid.Bool().Draw(t, "on"); q.SetConnected(m.connected) },
			"": func(t *rapid.T) {
				want := Stats{Lines: len(m.lines), Bytes: m.bytes(), Dropped: m.dropped}
				if got := q.Stats(); got != want {
					t.Fatalf("stats are %+v, want %+v", got, want)
				}
			},
		})
	})
}

// TestThreeGoroutines runs the queue as the gateway does: one appends, one
// takes, one acknowledges, and the connection comes and goes.
func TestThreeGoroutines(t *testing.T) {
	const lines = 20_000
	q := New(Limits{Live: 20 * lineSize, Held: lines * lineSize})
	q.SetConnected(true)
	acks := make(chan uint64, 10)
	var wg sync.WaitGroup
	wg.Go(func() {
		for seq := uint64(1); seq <= lines; seq++ {
			if err := q.Append(t.Context(), line(seq)); err != nil {
				t.Errorf("append: %v", err)
				return
			}
		}
	})
	wg.Go(func() {
		for seq := range acks {
			q.Ack(seq)
		}
	})
	wg.Go(func() {
		defer close(acks)
		if err := consume(q, acks, lines); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	if got := q.Stats(); got != (Stats{}) {
		t.Fatalf("left behind: %+v", got)
	}
}

// consume takes every line in order, and drops the connection now and then.
func consume(q *Queue, acks chan<- uint64, last uint64) error {
	next := uint64(1)
	for next <= last {
		l, ok := q.Next()
		if !ok {
			<-q.Ready()
			continue
		}
		if l.Seq != next {
			return fmt.Errorf("got line %d, want %d", l.Seq, next)
		}
		acks <- l.Seq
		if next++; next%997 == 0 {
			q.SetConnected(false)
			q.SetConnected(true)
		}
	}
	return nil
}

func BenchmarkAppendNextAck(b *testing.B) {
	q := New(Limits{})
	q.SetConnected(true)
	l, ctx := line(0), context.Background()
	b.ReportAllocs()
	for b.Loop() {
		l.Seq++
		_ = q.Append(ctx, l)
		got, _ := q.Next()
		q.Ack(got.Seq)
	}
}

// BenchmarkBacklog appends with the queue full and nobody connected: each
// line drops one.
func BenchmarkBacklog(b *testing.B) {
	q := New(Limits{Held: 1 << 20})
	l, ctx := line(0), context.Background()
	b.ReportAllocs()
	for b.Loop() {
		l.Seq++
		_ = q.Append(ctx, l)
	}
}
