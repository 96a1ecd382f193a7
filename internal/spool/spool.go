package spool

import (
	"log/slog"
	"sync"
	"time"

	"arduino-gateway/internal/stagedfs"
	"arduino-gateway/internal/wake"
)

// Defaults of Options.
const (
	DefaultMaxSize = 256 << 20
	DefaultSync    = time.Second
	DefaultLive    = 256 << 10
)

const (
	largestSegment  = 1 << 20
	smallestSegment = 4 << 10
	maxUncommitted  = 64 << 10 // bytes of one queue after which Append commits
	maxUnsynced     = 1 << 20  // bytes after which an fsync is due at once
	maxMemoryOnly   = 4 << 20  // bytes kept in memory while the disk fails
)

// Options describe a spool. They come from a checked configuration.
type Options struct {
	Dir     string
	Stage   string        // folder in memory that outlives the process; "" is none. See stagedfs.Dir
	MaxSize int64         // bytes on disk; 0 is DefaultMaxSize
	Sync    time.Duration // the most that a power cut may cost; 0 is DefaultSync
	Live    int           // bytes; see Queue.Append; 0 is DefaultLive
	Log     *slog.Logger  // nil: silent
	FS      stagedfs.FS   // nil: the real file system
}

// Spool is a log on disk that holds a queue for each device; see the package
// documentation.
type Spool struct {
	opts Options           // mu guards MaxSize and Sync
	disk *stagedfs.Guarded // beneath the files

	// Held while files are synced, deleted or rewritten. Taken before mu.
	filing sync.Mutex

	mu          sync.Mutex
	queues      queueSet
	log         segmentLog
	acks        ackFile
	ackedAt     time.Time // when acks was written last
	due         schedule
	failedSince time.Time // when the disk failed; zero: it works
	closed      bool

	noFolderSync bool // logged

	damage damage // found since Open
	base   uint64 // the seq before the first one of a queue of which nothing is known
	late   late   // files of earlier runs that are read while the spool runs

	cache segmentCache // has its own mutex
}

// Stats are a spool's state at one moment. The fields from Dropped on are totals
// since Open.
type Stats struct {
	Queues     int
	Lines      int       // records that are not acknowledged
	Bytes      int64     // of those records, with 32 for each
	Memory     int64     // bytes of those records that are not on disk
	Disk       int64     // bytes of all segments
	Segments   int       //
	MemoryOnly time.Time // when the disk failed; zero: it works
	Dropped    uint64    // records that were never delivered
	Damaged    uint64    // stretches of bytes without a valid record
	DamagedLen int64     // bytes of those stretches
	Written    uint64    // bytes
	Writes     uint64    // system calls for them
	AckWrites  uint64    // system calls for acknowledgements
	Syncs      uint64    // fsyncs of files and folder
}

// Open reads what an earlier run left. It always succeeds: it skips and counts
// damage, and without a usable folder the spool works in memory only.
func Open(o Options) *Spool {
	if o.Live <= 0 {
		o.Live = DefaultLive
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.FS == nil {
		o.FS = stagedfs.Disk{}
	}
	guarded := stagedfs.Guard(o.FS)
	files := stagedfs.New(guarded, o.Dir, o.Stage)
	s := &Spool{
		opts:   o,
		disk:   guarded,
		queues: queueSet{byHash: map[uint64]*Queue{}},
		log:    segmentLog{fs: files, disk: guarded, dir: o.Dir},
		due:    schedule{wake: wake.NewSignal()},
	}
	s.acks = ackFile{fs: files, path: s.log.path(acksName)}
	s.cache.readFile = s.log.read
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setBounds(o.MaxSize, o.Sync)
	if err := s.load(); err != nil {
		s.beginAt(max(s.base, unknownBase(time.Now())))
		s.fail(err)
	}
	return s
}

// SetBounds changes two of the Options. If the log is larger than the new
// maxSize, Run soon drops the oldest records of the largest queue.
func (s *Spool) SetBounds(maxSize int64, sync time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.setBounds(maxSize, sync)
	if next := time.Now().Add(s.opts.Sync / 2); s.due.checkAt.After(next) {
		s.due.checkAt = next
	}
	s.due.makeRoom()
}

func (s *Spool) setBounds(maxSize int64, sync time.Duration) {
	if maxSize <= 0 {
		maxSize = DefaultMaxSize
	}
	if sync <= 0 {
		sync = DefaultSync
	}
	s.opts.MaxSize, s.opts.Sync = maxSize, sync
	s.log.segmentSize = min(max(maxSize/32, smallestSegment), largestSegment)
}

// String names the spool in logs.
func (s *Spool) String() string { return "spool " + s.opts.Dir }

// Queue returns the device's queue with the backlog of the last run. It returns
// the same queue for the same name.
func (s *Spool) Queue(name string) *Queue {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queue(hashOf(name))
	q.name, q.used = name, true
	return q
}

// queue returns the queue with this hash, and makes it if it does not exist; s.mu
// is held.
func (s *Spool) queue(hash uint64) *Queue {
	q, ok := s.queues.byHash[hash]
	if !ok {
		q = &Queue{s: s, hash: hash, seq: s.base, committed: s.base, acked: s.base, next: s.base + 1, ready: wake.NewSignal(), room: wake.NewSignal()}
		s.queues.byHash[hash] = q
		s.queues.order = append(s.queues.order, q)
	}
	return q
}

// Queues returns the state of every queue that has a name or a backlog. A
// device that was removed keeps its queue until its backlog is delivered.
func (s *Spool) Queues() []QueueStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]QueueStats, 0, len(s.queues.order))
	for _, q := range s.queues.order {
		if q.name != "" || q.lines() > 0 {
			all = append(all, q.stats())
		}
	}
	return all
}

// Stats returns the state of the whole spool.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Stats{
		Queues: len(s.queues.order), Lines: s.queues.lines(),
		Memory: s.queues.waiting, MemoryOnly: s.failedSince,
		Disk: s.log.size(), Segments: len(s.log.segments),
		Damaged: s.damage.stretches, DamagedLen: s.damage.bytes,
		Written: s.log.written, Writes: s.log.writes, AckWrites: s.acks.writes,
		Syncs: s.log.syncs + s.acks.syncs,
	}
	for _, q := range s.queues.order {
		st.Bytes += q.bytes()
		st.Dropped += q.dropped
	}
	return st
}
