package spool

import (
	"errors"
	"time"
)

var (
	errFull      = errors.New("the disk is nearly full")
	errMeanwhile = errors.New("it failed again while it was tried")
	errBacklog   = errors.New("the folder holds a backlog that could not be read at the start: the next start delivers it")
)

// fail goes on in memory only; s.mu is held. What the failed write left behind
// the last whole record is cut off if that is still possible; else it is
// written again elsewhere, and the reader knows the first one by its seq.
func (s *Spool) fail(err error) {
	if g := s.current; g != nil {
		_ = g.file.Truncate(g.size)
	}
	s.seal()
	now := time.Now()
	s.retryAt = now.Add(retryEvery)
	s.wake.Set()
	if !s.down.IsZero() {
		return
	}
	s.down = now
	s.Log.Error("the spool cannot write: lines are kept in memory only until it can",
		"dir", s.Dir, "error", err, "memory", int64(memoryOnly))
}

// writable is false while the disk has failed, and after Close; s.mu is held.
func (s *Spool) writable() bool { return s.down.IsZero() && !s.closed }

// boundMemory drops, while there is no disk, the oldest record of the queue that
// has the most in memory only, until all of it is within its bound; s.mu is held.
func (s *Spool) boundMemory() {
	for !s.writable() && s.waiting > memoryOnly {
		most := s.order[0]
		for _, q := range s.order {
			if q.waiting > most.waiting {
				most = q
			}
		}
		for most.window.n > most.unstored {
			most.window.pop()
		}
		most.forgetInMemory()
		most.dropped++
		most.tellDropped(time.Now(), "the disk takes nothing and the memory for it is full", "memory", memoryOnly)
	}
}

// comeBack tries the disk again. Only when an fsync succeeded is it trusted.
func (s *Spool) comeBack(now time.Time) {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.retryAt = time.Time{}
		return
	}
	s.retryAt = now.Add(retryEvery)
	if err := s.tryDisk(); err != nil {
		s.Log.Debug("the spool still cannot write", "error", err)
		return
	}
	away := now.Sub(s.down)
	s.down, s.retryAt = time.Time{}, time.Time{}
	for _, q := range s.order {
		s.store(q)
		q.shrink()
	}
	if s.down.IsZero() {
		s.Log.Info("the spool writes again", "dir", s.Dir, "after", away.Round(time.Second))
	}
}

// tryDisk makes a new segment and syncs it; s.mu is held but for the fsync,
// while s.down keeps everybody else from writing.
func (s *Spool) tryDisk() error {
	if err := s.tryFolder(); err != nil {
		return err
	}
	if free := s.FS.Free(s.Dir); free >= 0 && free < s.waiting+2*s.segmentSize {
		return errFull // a full disk that gives a few bytes now and then is no disk
	}
	if s.acks.file == nil {
		if err := s.openAcks(nil); err != nil {
			return err
		}
	}
	if err := s.roll(); err != nil {
		return err
	}
	g, f := s.current, s.current.file
	s.mu.Unlock()
	err := errors.Join(f.Sync(), s.FS.SyncDir(s.Dir))
	s.mu.Lock()
	s.counts.Syncs += 2
	if s.current != g {
		return errMeanwhile
	}
	if err != nil {
		s.current = nil
		s.segments = s.segments[:len(s.segments)-1]
		_ = f.Close()
		_ = s.FS.Remove(s.path(segmentName(g.number)))
	}
	return err
}

// tryFolder looks at a folder that was unusable at the start. Its seqs would
// not fit those given since.
func (s *Spool) tryFolder() error {
	if s.loaded {
		return nil
	}
	if err := s.FS.MkdirAll(s.Dir); err != nil {
		return err
	}
	names, err := s.FS.Names(s.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := segmentNumber(name); ok || name == acksName {
			return errBacklog
		}
	}
	s.loaded = true
	return nil
}
