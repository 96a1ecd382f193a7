package spool

import (
	"encoding/binary"
	"slices"
	"strings"
)

// leap is how far every seq goes ahead after a power cut: beyond all that may
// have been given, and published, within the time that the cut cost.
const leap = 1 << 20

const rewritten = ".new" // suffix of a segment that is not complete yet

// load reads the folder. s.mu is held.
func (s *Spool) load() error {
	if err := s.FS.MkdirAll(s.Dir); err != nil {
		return err
	}
	names, err := s.FS.Names(s.Dir)
	if err != nil {
		return err
	}
	s.loaded = true
	acks, _ := s.FS.ReadFile(s.path(acksName))
	fresh := s.readAcks(acks)
	s.loadSegments(names)
	for _, q := range s.order {
		q.loaded(fresh)
	}
	s.report(fresh)
	return s.openAcks(acks)
}

func (s *Spool) loadSegments(names []string) {
	var numbers []uint64
	for _, name := range names {
		if number, ok := segmentNumber(name); ok {
			numbers = append(numbers, number)
		}
		if old, ok := strings.CutSuffix(name, rewritten); ok {
			if _, ours := segmentNumber(old); ours {
				_ = s.FS.Remove(s.path(name))
			}
		}
	}
	slices.Sort(numbers)
	for i, number := range numbers {
		s.number = number
		s.loadSegment(number, i == len(numbers)-1)
	}
}

// loadSegment leaves alone what it can't read or what a later format wrote.
func (s *Spool) loadSegment(number uint64, newest bool) {
	name := segmentName(number)
	b, err := s.FS.ReadFile(s.path(name))
	if err != nil {
		s.counts.Damaged++
		s.Log.Error("a part of the spool cannot be read", "file", name, "error", err)
		return
	}
	ours, format := segmentHeadOf(b, number)
	if ours && format > segmentFormat {
		s.Log.Error("a part of the spool was written by a later version: it stays where it is", "file", name)
		return
	}
	g, from := &segment{number: number}, 0
	if ours {
		from = segmentHead
	}
	bad, end := scan(b, salt(number), from, func(_ int, e entry) { s.loadEntry(g, e) })
	switch {
	case end == len(b):
	case newest && (ours || len(b) < segmentHead):
		s.cutTail(name, end, len(b))
		b = b[:end]
	default:
		bad.add(damage{1, int64(len(b) - end)})
	}
	g.size = int64(len(b))
	s.segments = append(s.segments, g)
	s.countDamage(name, bad)
}

// cutTail removes what the last write did not complete.
func (s *Spool) cutTail(name string, end, size int) {
	s.Log.Info("the spool's last write was not complete", "file", name, "bytes", size-end)
	f, err := s.FS.Open(s.path(name))
	if err != nil {
		return
	}
	_ = f.Truncate(int64(end))
	_ = f.Close()
}

func (s *Spool) countDamage(name string, bad damage) {
	if bad.stretches == 0 {
		return
	}
	s.counts.Damaged += bad.stretches
	s.counts.DamagedLen += bad.bytes
	s.Log.Error("a part of the spool is damaged and was passed over", "file", name,
		"places", bad.stretches, "bytes", bad.bytes)
}

func segmentHeadOf(b []byte, number uint64) (ours bool, format byte) {
	if len(b) < segmentHead || string(b[:7]) != segmentMagic || binary.LittleEndian.Uint64(b[8:]) != number {
		return false, 0
	}
	return true, b[7]
}

func (s *Spool) loadEntry(g *segment, e entry) {
	q := s.queue(e.queue)
	if e.kind == kindName {
		if hashOf(string(e.data)) == e.queue {
			q.name = string(e.data)
		}
		q.acked, q.noted = max(q.acked, e.seq), max(q.noted, e.seq)
		q.seq = max(q.seq, uint64(e.at))
		return
	}
	q.seq = max(q.seq, e.seq)
	twice := len(q.parts) > 0 && e.seq <= q.parts[len(q.parts)-1].last
	if e.seq <= q.acked || twice {
		return
	}
	size := int64(headSize + len(e.data))
	q.wait(size) // stored takes it back
	q.unstored++
	q.stored(part{g, e.seq, e.seq, 1, size, e.at})
}

// loaded completes a queue of which everything was read.
func (q *Queue) loaded(fresh bool) {
	q.seq = max(q.seq, q.acked)
	q.forget(q.acked)
	if !fresh {
		q.seq += leap
	}
	q.committed, q.next = q.seq, q.acked+1
	if len(q.parts) > 0 {
		q.ready.Set()
	}
}

func (s *Spool) report(fresh bool) {
	lines := 0
	for _, q := range s.order {
		lines += q.lines()
	}
	if lines > 0 {
		s.Log.Info("the spool holds lines of the last run", "lines", lines, "bytes", s.diskBytes())
	}
	if !fresh {
		s.Log.Warn("the machine went down without closing the spool: the last lines before may be lost",
			"sync", s.Sync, "seq", "goes on a million higher")
	}
}
