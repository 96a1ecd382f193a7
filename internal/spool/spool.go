package spool

import (
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"arduino-gateway/internal/wake"
)

// What Options leave open.
const (
	DefaultMaxSize = 256 << 20
	DefaultSync    = time.Second
	DefaultLive    = 256 << 10
)

// Bounds of memory and of the disk's patience.
const (
	largestSegment  = 1 << 20
	smallestSegment = 4 << 10
	windowsTotal    = 3 << 20   // bytes that all queues' windows share
	largestWindow   = 256 << 10 // of one queue
	smallestShare   = 32 << 10  // of one queue, however many there are
	memoryOnly      = 4 << 20   // bytes that wait for the disk to come back
	uncommitted     = 64 << 10  // bytes of a queue after which Append commits
	unsyncedMost    = 1 << 20   // bytes after which an fsync is not waited for
	retryEvery      = 3 * time.Second
	tellEvery       = time.Minute
	restEvery       = time.Minute // until what needs no sync gets one all the same
	promiseStep     = 1 << 10     // seqs that one write announces where records pass by the disk
)

// Options describe a spool. They come from a checked configuration.
type Options struct {
	Dir     string
	MaxSize int64         // bytes on disk; 0 is DefaultMaxSize
	Sync    time.Duration // the most that a power cut may cost; 0 is DefaultSync
	Live    int           // bytes; see Queue.Append; 0 is DefaultLive
	Log     *slog.Logger  // nil: none
	FS      FS            // nil: the real one
}

// Spool is a log on disk with queues on top; see the package documentation.
type Spool struct {
	Options                 // MaxSize and Sync may change, and are guarded by mu
	segmentSize int64       // so, too
	wake        wake.Signal // Run should look again

	// One at a time syncs, deletes and rewrites files; taken before mu.
	filing sync.Mutex

	mu        sync.Mutex
	queues    map[uint64]*Queue // by the hash of their names
	order     []*Queue          // as they came; their index is their slot in acks
	segments  []*segment        // by number; the current one is the last
	current   *segment          // nil: the next write makes one
	number    uint64            // of the newest segment that ever was
	unsynced  []File            // of former current segments
	dirNew    bool              // names were added since the folder's fsync
	unsyncedN int64             // bytes
	scratch   []byte
	acks      ackFile
	loaded    bool // the folder could be read when it was opened
	closed    bool

	lookAt  time.Time // when it is looked whether a group commit is due; zero: nothing new
	restAt  time.Time // when what is left is synced; zero: all is
	ackAt   time.Time // when acknowledgements must be written; zero: they are
	retryAt time.Time // zero: the disk works
	down    time.Time // since when; zero: the disk works
	armed   time.Time // when Run wakes by itself; zero: it does not
	ackedAt time.Time // when they were written last
	toRoom  bool      // a segment can go, or the log is too large
	waiting int64     // bytes in memory that are not on disk
	counts  Stats

	reading sync.Mutex
	pages   []*page // the least recently used first
}

// Stats are a spool's state at one moment; the last group are totals since
// Open.
type Stats struct {
	Queues     int
	Lines      int       // not acknowledged
	Bytes      int64     // of them, with 32 for each
	Memory     int64     // of them, not on disk
	Disk       int64     // bytes of all segments
	Segments   int       //
	MemoryOnly time.Time // since when the disk takes nothing; zero: it works
	Dropped    uint64    // records that nobody got
	Damaged    uint64    // stretches of bytes that held no valid record
	DamagedLen int64     // their bytes
	Written    uint64    // bytes
	Writes     uint64    // system calls for them
	AckWrites  uint64    // system calls for acknowledgements
	Syncs      uint64    // fsyncs of files and folder
}

// Open reads what an earlier run left. It always succeeds: damage is passed
// over and counted, and without a usable folder the spool is in memory only.
func Open(o Options) *Spool {
	if o.Live <= 0 {
		o.Live = DefaultLive
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.FS == nil {
		o.FS = disk{}
	}
	s := &Spool{
		Options: o,
		wake:    wake.NewSignal(),
		queues:  map[uint64]*Queue{},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bound(o.MaxSize, o.Sync)
	if err := s.load(); err != nil {
		s.fail(err)
	}
	return s
}

// SetBounds has other values for the two Options. Beyond a smaller size the oldest
// lines of whoever has the most go soon.
func (s *Spool) SetBounds(maxSize int64, sync time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bound(maxSize, sync)
	s.toRoom = true
	if next := time.Now().Add(s.Sync / 2); s.lookAt.After(next) {
		s.lookAt = next
	}
	s.wake.Set()
}

// bound also fills in what is left open.
func (s *Spool) bound(maxSize int64, sync time.Duration) {
	s.MaxSize, s.Sync = maxSize, sync
	if s.MaxSize <= 0 {
		s.MaxSize = DefaultMaxSize
	}
	if s.Sync <= 0 {
		s.Sync = DefaultSync
	}
	s.segmentSize = min(max(s.MaxSize/32, smallestSegment), largestSegment)
}

// String names the spool in logs.
func (s *Spool) String() string { return "spool " + s.Dir }

// Queue gives the device's queue, with the backlog of the last run; the same
// one each time.
func (s *Spool) Queue(name string) *Queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue(hashOf(name))
	q.name = name
	return q
}

// queue finds or makes one; s.mu is held.
func (s *Spool) queue(hash uint64) *Queue {
	q, ok := s.queues[hash]
	if !ok {
		q = &Queue{
			s: s, hash: hash, slot: len(s.order),
			ready: wake.NewSignal(), room: wake.NewSignal(),
		}
		s.queues[hash] = q
		s.order = append(s.order, q)
	}
	return q
}

// Queues tells of every queue, also of those whose device is no more but whose
// backlog stands.
func (s *Spool) Queues() []QueueStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]QueueStats, 0, len(s.order))
	for _, q := range s.order {
		if q.name != "" || q.lines() > 0 {
			all = append(all, q.stats())
		}
	}
	return all
}

// Stats reports the whole spool's state.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.counts
	st.Queues, st.Segments = len(s.order), len(s.segments)
	st.Memory, st.MemoryOnly, st.Disk = s.waiting, s.down, s.diskBytes()
	for _, q := range s.order {
		st.Lines += q.lines()
		st.Bytes += q.bytes()
		st.Dropped += q.dropped
	}
	return st
}

func (s *Spool) path(name string) string { return filepath.Join(s.Dir, name) }
