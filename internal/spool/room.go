package spool

import (
	"errors"
	"io/fs"
	"slices"
	"time"
)

// makeRoom deletes the segments that are not needed. If the log is still above
// MaxSize, it does one of two things. If a quarter of the log is acknowledged
// records among others, it compacts segments: the few records of a slow device do
// not keep the files of all others. Else the queue that is furthest above its
// share loses its oldest records, counted.
//
// A share is three quarters of MaxSize, divided by the number of queues with a
// backlog on disk. If no queue is above its share, at least a quarter of the log
// can be gained by compaction.
func (s *Spool) makeRoom() {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	s.due.room, s.due.roomAt = false, time.Time{}
	s.mu.Unlock()
	above := s.removeFree()
	if above && !s.syncFiles() { // only what is durable can be rewritten
		return
	}
	for above && s.gainRoom() {
		above = s.removeFree()
	}
}

// gainRoom compacts, or drops records, unless segments that are not needed any more can
// be deleted. It returns false if the disk fails at that and another attempt may gain the
// room, for which the log may be a segment too large.
func (s *Spool) gainRoom() bool {
	s.mu.Lock()
	free := len(s.log.free()) > 0
	s.mu.Unlock()
	if free { // some may not even be on disk
		return true
	}
	gained, err := s.compact()
	if gained {
		return true
	}
	s.mu.Lock()
	over := s.log.size() > s.opts.MaxSize+s.log.segmentSize
	if err != nil && !over {
		s.due.roomLater(time.Now())
	}
	s.mu.Unlock()
	if err != nil && !over {
		return false
	}
	s.dropSome()
	return true
}

// removeFree deletes the segments that hold no unacknowledged record. The
// acknowledgements must be durable first, so that nothing is deleted while the disk
// fails. It returns true if the log is still too large and there are records to drop.
func (s *Spool) removeFree() (above bool) {
	s.mu.Lock()
	some := len(s.log.free()) > 0
	s.mu.Unlock()
	if some && !s.removeSegments() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.size() > s.opts.MaxSize && s.queues.mostOnDisk() != nil
}

// removeSegments returns false if not all could be deleted. They stay part of the log,
// and are tried again.
func (s *Spool) removeSegments() bool {
	if !s.syncFiles() {
		return false // a working disk makes room again
	}
	s.mu.Lock()
	free := s.log.free()
	s.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(free), func(g *segment) bool {
		err := s.log.remove(g.number)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			s.opts.Log.Debug("cannot delete a file of the spool", "error", err)
			return false
		}
		return true
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.segments = slices.DeleteFunc(s.log.segments, func(g *segment) bool {
		return slices.Contains(free, g) && !slices.Contains(left, g)
	})
	if len(left) > 0 {
		s.due.roomLater(time.Now())
	}
	return len(left) == 0
}

// dropSome drops what the queue with the most on disk has in its oldest segment:
// shares are equal, so a queue above its share has the most.
func (s *Spool) dropSome() {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues.mostOnDisk()
	if q == nil {
		return
	}
	first := q.disk.list[0]
	before := q.lines()
	if first.segment == s.log.current {
		s.log.seal()
	}
	q.forget(first.last)
	lost := before - q.lines()
	q.dropped += uint64(lost)
	for _, g := range s.log.segments {
		g.stuck = false // compaction may gain something now
	}
	s.ackLater()
	q.room.Set()
	q.logDropped(time.Now(), "the spool is full", "max_size", s.opts.MaxSize)
}

// bytesOnDisk returns the unacknowledged bytes on disk.
func (q *Queue) bytesOnDisk() int64 {
	_, acked := q.disk.acked(q.acked)
	return q.disk.bytes - acked
}

// logDropped logs once a minute: a full spool stays full for long.
func (q *Queue) logDropped(now time.Time, why string, bound string, bytes int64) {
	if now.Sub(q.dropLogged) < dropLogEvery {
		return
	}
	q.dropLogged = now
	q.s.opts.Log.Warn("oldest lines dropped: "+why, "device", q.name, "total", q.dropped, bound, bytes)
}
