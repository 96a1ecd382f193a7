package spool

import (
	"slices"
	"time"
)

// makeRoom deletes what nobody needs any more. While the log is above MaxSize
// nevertheless, it does one of two things. Where a quarter of the log is
// acknowledged records that lie among others, it rewrites segments without
// them: a slow device's few records do not keep everybody's files. Else the
// queue with the most beyond its share loses its oldest, counted.
//
// A share is three quarters of MaxSize, divided among those that have a backlog
// on disk. If nobody is above it, those quarters are not full, so the last one
// is there to be rewritten.
func (s *Spool) makeRoom() {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	s.toRoom = false
	above := s.diskBytes() > s.MaxSize
	s.mu.Unlock()
	s.removeFree()
	for above {
		if !s.rewriteSome() {
			s.dropSome()
		}
		above = s.removeFree()
	}
}

// removeFree deletes the segments without a record that somebody waits for,
// except the newest, which knows every queue's seq. What it says must be
// durable before the others go. Above tells that this was not enough, and that
// there is something left to drop.
func (s *Spool) removeFree() (above bool) {
	free := s.free()
	if len(free) > 0 {
		s.syncFiles()
	}
	for _, g := range free {
		if err := s.FS.Remove(s.path(segmentName(g.number))); err != nil {
			s.Log.Debug("a part of the spool cannot be deleted", "error", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.segments = slices.DeleteFunc(s.segments, func(g *segment) bool { return slices.Contains(free, g) })
	return s.diskBytes() > s.MaxSize && s.most(0) != nil
}

func (s *Spool) free() (free []*segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, g := range s.segments {
		if g.parts == 0 && g != s.current && i < len(s.segments)-1 {
			free = append(free, g)
		}
	}
	return free
}

// most is the queue with the most bytes on disk, if more than that; s.mu is
// held.
func (s *Spool) most(than int64) (most *Queue) {
	for _, q := range s.order {
		if live := q.onDisk(); live > than {
			most, than = q, live
		}
	}
	return most
}

// onDisk is how many bytes on disk wait.
func (q *Queue) onDisk() int64 {
	_, gone := q.gone()
	return q.partBytes - gone
}

// dropSome takes from the queue that has the most what it has in its oldest
// segment: shares are equal, so whoever is above its own has the most.
func (s *Spool) dropSome() {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.most(0)
	if q == nil {
		return
	}
	first := q.parts[0]
	before := q.lines()
	if first.segment == s.current {
		s.seal()
	}
	q.forget(first.last)
	lost := before - q.lines()
	q.dropped += uint64(lost)
	for _, g := range s.segments {
		g.stuck = false // with less to keep it may be worth while now
	}
	s.ackLater()
	q.room.Set()
	q.tellDropped(time.Now(), "the spool is full", "max_size", s.MaxSize)
}

// tellDropped logs once a minute: a full spool stays full for long.
func (q *Queue) tellDropped(now time.Time, why string, most string, bytes int64) {
	if now.Sub(q.toldDropped) < tellEvery {
		return
	}
	q.toldDropped = now
	q.s.Log.Warn(why+": a device's oldest lines were dropped", "device", q.name, "total", q.dropped, most, bytes)
}
