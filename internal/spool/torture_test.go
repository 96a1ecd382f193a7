package spool

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"
)

// TestPowerCuts cuts the power 1,000 times at random points of a random run, some before
// the first fsync. Calls fail at random, and what a failed fsync was for is lost, though
// the next one succeeds. Every synced record must be left, in order, and no other than
// those that were written; no seq is assigned twice.
func TestPowerCuts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	const cuts = 1000
	safe := uint64(0) // records that were synced and not acknowledged
	for cut := 0; cut < cuts; {
		f, queues := newFakeFS(), map[string]*cutQueue{"a": {}, "b": {}, "c": {}}
		for range 3 { // runs on one disk
			powerCutRun(t, r, f, queues)
			f = f.powerCut(r)
			left := Open(Options{FS: f.copyAll(), MaxSize: 1 << 30})
			for name, q := range queues {
				safe += q.check(t, fmt.Sprintf("cut %d", cut), left.Queue(name))
			}
			cut++
		}
	}
	// Any that is missing has ended the test: this is a row of make torture's table.
	t.Logf("| %-46s | %9d | %9d | %5d | %6d | %12d | %8d |", fmt.Sprintf("power cut %d times, simulated: what was synced", cuts), safe, safe, 0, 0, 0, 0)
}

// cutQueue is what is known of a queue at the power cut.
type cutQueue struct {
	seqs                []uint64 // that it may hold, in order
	acked, synced, last uint64
}

// powerCutRun runs a spool until the cut.
func powerCutRun(t *testing.T, r *rand.Rand, f *fakeFS, queues map[string]*cutQueue) {
	stage := ""
	if r.IntN(2) == 0 {
		stage = stageOf(t)
	}
	s := Open(Options{FS: f, Stage: stage, MaxSize: 1 << 30})
	s.log.segmentSize = int64(1000 + r.IntN(5000))
	for range r.IntN(60) {
		q := s.Queue([]string{"a", "b", "c"}[r.IntN(3)])
		known := queues[q.name]
		switch r.IntN(9) {
		case 0, 1:
			s.sync()
			noteSynced(s, queues)
		case 2:
			s.makeRoom()
		case 3:
			q.Ack(q.acked + uint64(r.IntN(20)))
			known.acked = q.acked
		case 4:
			s.filing.Lock()
			_, _ = s.compact()
			s.filing.Unlock()
		case 5:
			f.set(-1, f.failing(r))
		case 6:
			f.set(-1, nil)
			s.work(time.Now().Add(2 * retryEvery))
			noteSynced(s, queues)
		default:
			from := q.Stats().Last
			if from < known.last {
				t.Fatalf("%s begins after %d, and %d was assigned", q.name, from, known.last)
			}
			putText(q, 1+r.IntN(20))
			known.last = q.Stats().Last
			known.seqs = append(known.seqs, span(from+1, known.last)...)
		}
	}
	f.set(-1, nil)
}

// noteSynced notes what the spool takes for durable.
func noteSynced(s *Spool, queues map[string]*cutQueue) {
	for name, known := range queues {
		if q := s.queues.byHash[hashOf(name)]; q != nil && s.writable() {
			known.synced = max(known.synced, q.synced)
		}
	}
}

// failing lets one of five calls fail. A failed fsync loses what it was for.
func (f *fakeFS) failing(r *rand.Rand) func(op, name string) error {
	return func(op, name string) error {
		if r.IntN(5) > 0 {
			return nil
		}
		if file := f.files[name]; op == "sync" && file != nil {
			file.data = append([]byte(nil), file.synced...)
		}
		return syscall.EIO
	}
}

// check wants every record above acked up to synced, and those after it only if they
// existed; a new seq must be new. It returns the number of records that had to be there,
// and goes on with those that are.
func (k *cutQueue) check(t *testing.T, what string, q *Queue) (safe uint64) {
	t.Helper()
	var left []uint64
	for _, r := range takeAny(t, q) {
		if left = append(left, r.Seq); !slices.Contains(k.seqs, r.Seq) {
			t.Fatalf("%s: %s has %d, which was never assigned", what, q.name, r.Seq)
		}
	}
	for _, seq := range k.seqs {
		if seq > k.acked && seq <= k.synced {
			if safe++; !slices.Contains(left, seq) {
				t.Fatalf("%s: %s lost %d; acknowledged %d, synced %d, left %d", what, q.name, seq, k.acked, k.synced, len(left))
			}
		}
	}
	if q.Stats().Last < k.last {
		t.Fatalf("%s: %s continues after %d, and %d was assigned before", what, q.name, q.Stats().Last, k.last)
	}
	k.seqs = left
	return safe
}

// The deletion of acknowledged segments must not be durable before the seqs are.
func TestMakeRoom_SeqSurvivesAPowerCut(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for range 200 {
		f := newFakeFS()
		s := Open(Options{FS: f})
		s.log.segmentSize = 1000
		q := s.Queue("a")
		putText(q, 100)
		s.sync()
		putText(q, 30)
		q.Ack(130)
		s.makeRoom()
		f.durable = f.files // the folder went to disk, as it may at any time
		left := Open(Options{FS: f.powerCut(r)}).Queue("a")
		if last := left.Stats().Last; last < 130 {
			t.Fatalf("it continues after %d, and 130 was assigned before", last)
		}
	}
}

// A block of another segment that a power cut leaves in this one is not a record.
func TestOpen_IgnoresRecordsOfAnotherSegment(t *testing.T) {
	f := aLog()
	stale := f.files[segmentName(1)].data[segmentHead:]
	f.files[segmentName(99)] = &fakeFile{fs: f, data: append(appendSegmentHead(nil, 99), stale...)}
	for n := range uint64(9) {
		delete(f.files, segmentName(n))
	}
	s := Open(Options{FS: f})
	if got := take(t, s.Queue("a")); len(got) != 0 {
		t.Fatalf("%d records were taken", len(got))
	}
}

// A segment that comes back beside the one it was compacted into holds copies.
func TestOpen_CountsCopiesOnce(t *testing.T) {
	f := aLog()
	b, first := f.files[segmentName(1)].data, appendSegmentHead(nil, 2)
	scan(b, salt(1), segmentHead, func(_ int, e entry) { first = appendEntry(first, salt(2), e) })
	for n := range uint64(9) {
		delete(f.files, segmentName(n))
	}
	f.files[segmentName(1)] = &fakeFile{fs: f, data: b}
	f.files[segmentName(2)] = &fakeFile{fs: f, data: first}
	s := Open(Options{FS: f})
	q := s.Queue("a")
	if got, lines := len(take(t, q)), q.Stats().Lines; got != lines || got == 0 {
		t.Fatalf("%d records came of %d", got, lines)
	}
}

// A torn write of the acknowledgements costs only the last ones.
func TestOpen_SurvivesTornAcknowledgements(t *testing.T) {
	for table := range 2 {
		f := newFakeFS()
		s := Open(Options{FS: f})
		q := s.Queue("a")
		putText(q, 100)
		for _, seq := range []uint64{50, 60} {
			q.Ack(seq)
			s.writeAcks(time.Now())
		}
		fill(f.files[acksName].data[acksHead+table*tableSize:][:100])
		if got := take(t, Open(Options{FS: f}).Queue("a")); got[0] != 51 && got[0] != 61 {
			t.Errorf("it begins with %d again", got[0])
		}
	}
}

// aLog is a folder with three queues of 500 records in several segments.
func aLog() *fakeFS {
	f := newFakeFS()
	s := Open(Options{FS: f, MaxSize: 32 * 16 << 10})
	for range 100 {
		for _, name := range []string{"a", "b", "c"} {
			putText(s.Queue(name), 5)
		}
	}
	return f
}

// Random damage to files costs only the damaged records.
func TestOpen_SkipsDamage(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	intact := aLog()
	for round := range 120 {
		f := intact.copyAll()
		kind := []string{"flip", "flips", "garbage", "cut", "zeros", "head"}[round%6]
		lost, spoilt := 0, segmentName(uint64(1+r.IntN(len(f.files)-1)))
		b := f.files[spoilt].data
		switch kind {
		case "flip":
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			lost = 1
		case "flips":
			lost = 1 + r.IntN(20)
			for range lost {
				b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			}
		case "garbage", "zeros":
			from := r.IntN(len(b))
			to := min(len(b), from+r.IntN(2000))
			clear(b[from:to])
			if kind == "garbage" {
				fill(b[from:to])
			}
			lost = (to-from)/headSize + 2
		case "cut":
			cut := r.IntN(2000)
			f.files[spoilt].data = b[:max(0, len(b)-cut)]
			lost = cut/headSize + 2
		case "head":
			fill(b[:r.IntN(segmentHead)+1])
		}
		s := Open(Options{FS: f})
		got, last := 0, uint64(0)
		for _, name := range []string{"c", "b", "a"} {
			seqs := take(t, s.Queue(name))
			got += len(seqs)
			last = seqs[len(seqs)-1]
		}
		st := s.Stats()
		if 1500-got > lost || got < 1500 && st.Damaged == 0 && kind != "cut" && kind != "zeros" && s.log.newest+1 < uint64(len(f.files)) {
			t.Fatalf("round %d: %s of %s: %d records are missing where at most %d were hit; %+v",
				round, kind, spoilt, 1500-got, lost, st)
		}
		if kind == "flip" && st.Damaged > 1 {
			t.Fatalf("round %d: a flipped bit counts %d times", round, st.Damaged)
		}
		putText(s.Queue("a"), 1)
		if got := take(t, s.Queue("a")); len(got) != 1 || got[0] <= last {
			t.Fatalf("round %d: after the damage %v comes", round, got)
		}
	}
}

// Damage to a segment after Open costs only the damaged records.
func TestNext_SkipsDamageSinceOpen(t *testing.T) {
	f := aLog().copyAll()
	s := Open(Options{FS: f})
	clear(f.files[segmentName(1)].data[:5000])
	delete(f.files, segmentName(2))
	got := take(t, s.Queue("a"))
	if n := len(got); n < 200 || n > 450 || got[n-1] != 500 || s.Stats().Damaged == 0 {
		t.Fatalf("%d records, %+v", n, s.Stats())
	}
}

// Files of others and of newer versions stay; what is left of our own incomplete
// files goes.
func TestOpen_LeavesForeignFilesAlone(t *testing.T) {
	f := newFakeFS()
	later := appendSegmentHead(nil, 7)
	later[7] = segmentFormat + 1
	for name, data := range map[string][]byte{
		"README": []byte("hello"), segmentName(7): later, segmentName(3): []byte("not a segment at all"),
		segmentName(4): nil, "0000000000000009.seg.new": []byte("x"), "ABC.seg": nil, "000000000000000A.seg": nil,
	} {
		f.files[name] = &fakeFile{fs: f, name: name, data: data}
	}
	s := Open(Options{FS: f})
	putText(s.Queue("a"), 3)
	s.makeRoom()
	for name, stays := range map[string]bool{
		"README": true, segmentName(7): true, segmentName(3): false, segmentName(4): false, segmentName(8): true,
		"0000000000000009.seg.new": false, "ABC.seg": true, "000000000000000A.seg": true,
	} {
		if _, ok := f.files[name]; ok != stays {
			t.Errorf("%s stays: %v", name, ok)
		}
	}
	if st := s.Stats(); st.Damaged != 1 || st.DamagedLen != 20 {
		t.Errorf("stats are %+v", st)
	}
}

// FuzzOpen opens files of any content: the spool takes records, and returns those it found
// and those it took, in order.
func FuzzOpen(f *testing.F) {
	log := aLog()
	f.Add(log.files[segmentName(1)].data[:3000], log.files[acksName].data, []byte{})
	f.Add([]byte(segmentMagic), []byte(acksMagic), []byte{mark, kindLine, mark, kindName})
	f.Fuzz(func(t *testing.T, first, acks, second []byte) {
		files := newFakeFS()
		for name, data := range map[string][]byte{segmentName(1): first, acksName: acks, segmentName(2): second} {
			files.files[name] = &fakeFile{fs: files, name: name, data: append([]byte(nil), data...)}
		}
		s := Open(Options{FS: files, MaxSize: 10_000})
		q := s.Queue("a")
		for r, ok := q.Next(); ok; r, ok = q.Next() {
			if r.Seq <= q.acked {
				t.Fatalf("an acknowledged record %d came", r.Seq)
			}
		}
		last := q.Stats().Last
		if got := q.Append(t.Context(), at, []byte("x")); got != last+1 {
			t.Fatalf("after %d comes %d", last, got)
		}
		q.Commit()
		if r, ok := q.Next(); !ok || r.Seq != last+1 {
			t.Fatalf("the record just appended is not there: %+v, %v", r, ok)
		}
		s.makeRoom()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		again := Open(Options{FS: files, MaxSize: 10_000})
		if got := again.Queue("a").Stats().Last; got != last+1 {
			t.Fatalf("reopened, it continues after %d, not %d", got, last+1)
		}
	})
}
