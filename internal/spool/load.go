package spool

import (
	"slices"
	"strings"
)

// seqJump is how far every seq jumps ahead after a power cut: further than the
// seqs that may have been assigned, and published, in the time that the cut cost.
const seqJump = 1 << 20

// load reads the folder; s.mu is held.
func (s *Spool) load() error {
	names, err := s.log.open()
	if err != nil {
		return err
	}
	acks, _ := s.opts.FS.ReadFile(s.acks.path)
	complete := s.acks.complete(acks)
	eachSlot(acks, func(queue, acked uint64) {
		q := s.queue(queue)
		q.acked = max(q.acked, acked)
	})
	loader{s}.segments(names)
	for _, q := range s.queues.order {
		q.loaded(complete)
	}
	s.logLoaded(complete)
	return s.openAcks(acks)
}

// logLoaded logs the backlog and a possible loss; s.mu is held.
func (s *Spool) logLoaded(complete bool) {
	if lines := s.queues.lines(); lines > 0 {
		s.opts.Log.Info("undelivered lines found from the last run", "lines", lines, "bytes", s.log.size())
	}
	if !complete {
		s.opts.Log.Warn("the machine stopped without closing the spool: its last lines may be lost",
			"sync", s.opts.Sync, "seq_skipped", int64(seqJump))
	}
}

// loaded completes a queue after everything was read.
func (q *Queue) loaded(complete bool) {
	q.seq = max(q.seq, q.acked)
	q.forget(q.acked)
	if !complete {
		q.seq += seqJump
	}
	q.committed, q.next = q.seq, q.acked+1
	if len(q.disk.list) > 0 {
		q.ready.Set()
	}
}

// loader reads the segments of the last run into the queues; s.mu is held.
type loader struct{ s *Spool }

// segments reads the segments among the files, and removes incomplete ones.
func (l loader) segments(names []string) {
	var numbers []uint64
	for _, name := range names {
		if number, ok := segmentNumber(name); ok {
			numbers = append(numbers, number)
		}
		if old, ok := strings.CutSuffix(name, tempSuffix); ok {
			if _, ours := segmentNumber(old); ours {
				_ = l.s.opts.FS.Remove(l.s.log.path(name))
			}
		}
	}
	slices.Sort(numbers)
	for i, number := range numbers {
		l.s.log.newest = number
		l.segment(number, i == len(numbers)-1)
	}
}

// segment reads one segment. An unreadable one, or one of a newer version, stays
// as it is.
func (l loader) segment(number uint64, newest bool) {
	name, log := segmentName(number), l.s.opts.Log
	b, err := l.s.log.read(number)
	if err != nil {
		l.s.damage.stretches++
		log.Error("cannot read a file of the spool", "file", name, "error", err)
		return
	}
	format, ours := parseSegmentHead(b, number)
	if ours && format > segmentFormat {
		log.Error("a newer version wrote this file of the spool: ignored and kept", "file", name)
		return
	}
	g, from := &segment{number: number}, 0
	if ours {
		from = segmentHead
	}
	bad, end := scan(b, salt(number), from, func(_ int, e entry) { l.entry(g, e) })
	switch {
	case end == len(b):
	case newest && (ours || len(b) < segmentHead):
		l.cutTail(name, end, len(b))
		b = b[:end]
	default:
		bad.add(damage{1, int64(len(b) - end)})
	}
	g.size = int64(len(b))
	l.s.log.segments = append(l.s.log.segments, g)
	l.countDamage(name, bad)
}

func (l loader) entry(g *segment, e entry) {
	q := l.s.queue(e.queue)
	if e.kind == kindName {
		if hashOf(string(e.data)) == e.queue {
			q.name = string(e.data)
		}
		q.acked, q.loggedAck = max(q.acked, e.seq), max(q.loggedAck, e.seq)
		q.seq = max(q.seq, uint64(e.at))
		return
	}
	q.seq = max(q.seq, e.seq)
	if e.seq <= q.acked || e.seq <= q.disk.last() {
		return // acknowledged, or a copy
	}
	q.disk.add(extent{g, e.seq, e.seq, 1, e.size(), e.at})
}

// cutTail removes a write that was not completed.
func (l loader) cutTail(name string, end, size int) {
	l.s.opts.Log.Info("incomplete last write removed from the spool", "file", name, "bytes", size-end)
	f, err := l.s.opts.FS.Open(l.s.log.path(name))
	if err != nil {
		return
	}
	_ = f.Truncate(int64(end))
	_ = f.Close()
}

func (l loader) countDamage(name string, bad damage) {
	if bad.stretches == 0 {
		return
	}
	l.s.damage.add(bad)
	l.s.opts.Log.Error("damaged lines in the spool skipped", "file", name, "places", bad.stretches, "bytes", bad.bytes)
}
