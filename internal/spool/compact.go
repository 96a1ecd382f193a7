package spool

import (
	"errors"
	"slices"
)

var (
	errNoGain      = errors.New("the result would be as large as before")
	errNotWritable = errors.New("the disk has failed")
)

// compaction rewrites neighbouring segments as one, in the place of the first:
// the records of every queue stay in order. If a power cut brings back some of the
// others, complete or torn, they come later in the log and hold only copies.
type compaction struct {
	old     []*segment
	into    *segment
	done    map[uint64]uint64 // by queue: the last seq that was acknowledged, or is in bytes
	extents map[uint64]extent // by queue: its records in bytes
	bytes   []byte
	bad     damage // found in the old segments
}

// compact rewrites the segments that gain most. It returns false, nil if that is not
// worth while, and an error if the disk fails at it. s.filing is held.
func (s *Spool) compact() (gained bool, err error) {
	s.mu.Lock()
	if !s.writable() {
		s.mu.Unlock()
		return false, errNotWritable
	}
	c, ok := planCompaction(&s.log, &s.queues)
	s.mu.Unlock()
	if !ok {
		return false, nil
	}
	switch err := c.write(&s.log); {
	case errors.Is(err, errNoGain):
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, g := range c.old {
			g.stuck = true
		}
		return false, nil
	case err != nil:
		s.opts.Log.Debug("cannot compact the spool", "error", err)
		return false, err
	}
	s.mu.Lock()
	c.replace(&s.log, &s.queues)
	s.damage.add(c.bad)
	s.mu.Unlock()
	return true, nil
}

// planCompaction begins with the segment of which the least is needed, and adds
// those after it while the rest fits into one segment. It leaves out those that only wait
// to be deleted: they may hold copies of what others hold. Spool.mu is held.
func planCompaction(log *segmentLog, queues *queueSet) (c *compaction, ok bool) {
	live, total := queues.liveBytes()
	if log.size()-total < log.size()/4 {
		return nil, false
	}
	best, least := -1, 0.0
	for i, g := range log.segments {
		gain := 1 - float64(live[g])/float64(max(g.size, 1))
		if log.sealed(g) && g.extents > 0 && gain > max(least, 0.2) {
			best, least = i, gain
		}
	}
	if best < 0 {
		return nil, false
	}
	old, bytes := []*segment{log.segments[best]}, live[log.segments[best]]
	for _, g := range log.segments[best+1:] {
		if bytes += live[g]; !log.sealed(g) || bytes > log.segmentSize {
			break
		}
		if g.extents > 0 {
			old = append(old, g)
		}
	}
	return newCompaction(old, queues), true
}

// newCompaction begins the new segment as any other; Spool.mu is held.
func newCompaction(old []*segment, queues *queueSet) *compaction {
	number := old[0].number
	c := &compaction{old: old, into: &segment{number: number}, done: map[uint64]uint64{}, extents: map[uint64]extent{}}
	c.bytes = queues.appendNames(appendSegmentHead(nil, number), number)
	for _, q := range queues.order {
		c.done[q.hash] = q.acked
	}
	return c
}

// write reads the old segments and writes the records still needed. It needs no
// lock: it uses only the folder of the log, which never changes.
func (c *compaction) write(log *segmentLog) error {
	before := int64(0)
	for _, g := range c.old {
		before += g.size
		b, err := log.read(g.number)
		if err != nil {
			return err
		}
		bad, _ := scan(b, salt(g.number), min(segmentHead, len(b)), func(_ int, e entry) { c.add(e) })
		c.bad.add(bad)
	}
	if c.into.size = int64(len(c.bytes)); c.into.size > before-before/8 {
		return errNoGain
	}
	return log.put(c.into.number, c.bytes)
}

// add takes the record if it is needed.
func (c *compaction) add(e entry) {
	if e.kind == kindName || e.seq <= c.done[e.queue] {
		return
	}
	c.bytes = appendEntry(c.bytes, salt(c.into.number), e)
	c.done[e.queue] = e.seq
	x, ok := c.extents[e.queue]
	if !ok {
		x = extent{segment: c.into, first: e.seq, at: e.at}
	}
	x.last = e.seq
	x.count++
	x.bytes += e.size()
	c.extents[e.queue] = x
}

// replace makes every queue find its records in the new segment. The others hold only
// copies: they stay in the log until they are deleted, as all that are not needed.
// Spool.mu is held.
func (c *compaction) replace(log *segmentLog, queues *queueSet) {
	for _, q := range queues.order {
		q.disk.replace(c.old, c.extents[q.hash], q.acked)
	}
	log.segments[slices.Index(log.segments, c.old[0])] = c.into
	log.written += uint64(c.into.size)
	log.syncs += 2
}
