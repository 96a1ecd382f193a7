package spool

import (
	"errors"
	"slices"
)

var errNoGain = errors.New("it would be as large as before")

// row is neighbouring segments to be rewritten as one, in the first
// one's place: every queue's records stay in order, and whichever of the others
// a power cut brings back, whole or torn, stands behind and holds only copies.
type row struct {
	from, to int // indexes of segments, both included
	keep     map[uint64]uint64
	parts    map[uint64]part // what was written, by queue
	bytes    []byte
}

// rewriteSome rewrites the segments that gain most. It is false where that is
// not worth while or not possible.
func (s *Spool) rewriteSome() bool {
	s.mu.Lock()
	r, ok := s.chooseRow()
	if !ok {
		s.mu.Unlock()
		return false
	}
	old := slices.Clone(s.segments[r.from : r.to+1])
	s.mu.Unlock()

	into := &segment{number: old[0].number}
	if err := s.rewrite(r, old, into); err != nil {
		s.Log.Debug("a part of the spool cannot be rewritten", "error", err)
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, g := range old {
			g.stuck = true
		}
		return false
	}
	s.mu.Lock()
	s.replace(r, old, into)
	s.mu.Unlock()
	for _, g := range old[1:] {
		_ = s.FS.Remove(s.path(segmentName(g.number)))
	}
	return true
}

// chooseRow starts with the segment of which the least is needed, and goes on
// while the rest fits into one; s.mu is held.
func (s *Spool) chooseRow() (r *row, ok bool) {
	live, total := s.liveBytes()
	if !s.writable() || s.diskBytes()-total < s.diskBytes()/4 {
		return nil, false
	}
	best, least := -1, 0.0
	for i, g := range s.segments {
		gain := 1 - float64(live[g])/float64(max(g.size, 1))
		if s.sealed(g) && gain > max(least, 0.2) {
			best, least = i, gain
		}
	}
	if best < 0 {
		return nil, false
	}
	r = &row{from: best, to: best, keep: map[uint64]uint64{}, parts: map[uint64]part{}}
	bytes := live[s.segments[best]]
	for i := best + 1; i < len(s.segments) && s.sealed(s.segments[i]); i++ {
		if bytes += live[s.segments[i]]; bytes > s.segmentSize {
			break
		}
		r.to = i
	}
	r.begin(s)
	return r, true
}

// begin is the new segment's start, as of any other; s.mu is held.
func (r *row) begin(s *Spool) {
	number := s.segments[r.from].number
	r.bytes = s.appendNames(appendSegmentHead(nil, number), number)
	for _, q := range s.order {
		r.keep[q.hash] = q.acked
	}
}

func (s *Spool) sealed(g *segment) bool { return g != s.current && !g.stuck }

func (s *Spool) liveBytes() (live map[*segment]int64, total int64) {
	live = map[*segment]int64{}
	for _, q := range s.order {
		for i, p := range q.parts {
			bytes := p.bytes
			if i == 0 {
				_, gone := q.gone()
				bytes -= gone
			}
			live[p.segment] += bytes
			total += bytes
		}
	}
	return live, total
}

// rewrite reads the old segments and writes what is still needed of them.
func (s *Spool) rewrite(r *row, old []*segment, into *segment) error {
	before := int64(0)
	for _, g := range old {
		before += g.size
		b, err := s.FS.ReadFile(s.path(segmentName(g.number)))
		if err != nil {
			return err
		}
		scan(b, salt(g.number), 0, func(_ int, e entry) { r.add(into, e) })
	}
	if into.size = int64(len(r.bytes)); into.size > before-before/8 {
		return errNoGain
	}
	return s.putSegment(segmentName(into.number), r.bytes)
}

// add takes a record that is needed; keep holds the last seq of
// each queue, acknowledged or already here.
func (r *row) add(into *segment, e entry) {
	if e.kind == kindName || e.seq <= r.keep[e.queue] {
		return
	}
	r.bytes = appendEntry(r.bytes, salt(into.number), e)
	r.keep[e.queue] = e.seq
	p, ok := r.parts[e.queue]
	if !ok {
		p = part{segment: into, first: e.seq, at: e.at}
	}
	p.last = e.seq
	p.count++
	p.bytes += int64(headSize + len(e.data))
	r.parts[e.queue] = p
}

// putSegment replaces a file by one that is whole and durable.
func (s *Spool) putSegment(name string, b []byte) error {
	f, err := s.FS.Create(s.path(name + rewritten))
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = s.FS.Rename(s.path(name+rewritten), s.path(name))
	}
	if err != nil {
		_ = s.FS.Remove(s.path(name + rewritten))
		return err
	}
	return s.FS.SyncDir(s.Dir)
}

// replace makes every queue find its records in the new segment; s.mu is held.
func (s *Spool) replace(r *row, old []*segment, into *segment) {
	for _, q := range s.order {
		q.replace(old, r.parts[q.hash])
	}
	i := slices.Index(s.segments, old[0])
	s.segments = slices.Replace(s.segments, i, i+len(old), into)
	s.counts.Written += uint64(into.size)
	s.counts.Syncs += 2
}

// replace puts one part in the place of those in old segments.
func (q *Queue) replace(old []*segment, by part) {
	var parts []part
	for _, p := range q.parts {
		if !slices.Contains(old, p.segment) {
			parts = append(parts, p)
			continue
		}
		q.partLines -= p.count
		q.partBytes -= p.bytes
		p.segment.parts--
		if by.count > 0 && by.last > q.acked {
			parts = append(parts, by)
			q.partLines += by.count
			q.partBytes += by.bytes
			by.segment.parts++
			by.count = 0
		}
	}
	q.parts = parts
}
