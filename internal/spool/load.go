package spool

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// load reads the folder; s.mu is held.
func (s *Spool) load() error {
	staged, err := s.attach()
	if err != nil {
		return err
	}
	names, err := s.log.open()
	if err != nil {
		return err
	}
	acks, err := s.log.fs.ReadFile(s.acks.path)
	fresh := errors.Is(err, fs.ErrNotExist) && !anyOurs(names)
	head, ok := decodeAcksHead(acks)
	eachSlot(acks, func(queue, acked uint64) {
		q := s.queue(queue)
		q.acked = max(q.acked, acked)
		s.late.acknowledged(queue, acked)
	})
	all := loader{s}.segments(names)
	s.queues.floor = max(s.queues.floor, head.floor)
	for _, q := range s.queues.order {
		q.loaded()
	}
	known := fresh || ok && all && head.complete(staged)
	s.logLoaded(known)
	if known {
		s.beginAt(0)
	} else {
		s.beginAt(s.queues.highest() + leap)
	}
	if err := s.openAcks(acks); err != nil {
		return err
	}
	err = s.log.settle(fresh)
	s.noteNoFolderSync()
	return err
}

// attach makes the folder and finds the stage of the last run, whose token is in the file
// acks on disk. It returns whether the stage is that of these files; s.mu is held.
func (s *Spool) attach() (known bool, err error) {
	if err := s.disk.MkdirAll(s.opts.Dir); err != nil {
		return false, err
	}
	acks, err := s.disk.ReadFile(s.acks.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	head, _ := decodeAcksHead(acks)
	return s.log.fs.Attach(head.token), nil
}

// anyOurs reports whether a spool has left records in a folder.
func anyOurs(names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, ours := segmentNumber(strings.TrimSuffix(name, lateSuffix))
		return ours
	})
}

// logLoaded logs the backlog and a possible loss; s.mu is held.
func (s *Spool) logLoaded(known bool) {
	if lines := s.queues.lines(); lines > 0 {
		s.opts.Log.Info("undelivered lines found from the last run", "lines", lines, "bytes", s.log.size())
	}
	if !known {
		s.opts.Log.Warn("the spool was not closed by its last run: its last lines may be lost",
			"sync", s.opts.Sync, "seq_skipped", int64(leap))
	}
}

// loaded completes a queue after everything was read.
func (q *Queue) loaded() {
	q.seq = max(q.seq, q.acked)
	q.forget(q.acked)
	q.committed, q.next = q.seq, q.acked+1
	if len(q.disk.list) > 0 {
		q.ready.Set()
	}
}

// loader reads the segments of the last run into the queues; s.mu is held.
type loader struct{ s *Spool }

// segments reads the segments among the files, and removes incomplete ones. It returns
// false if not all could be read.
func (l loader) segments(names []string) (all bool) {
	var numbers []uint64
	for _, name := range names {
		if isLate(name) {
			l.s.late.add(name)
			l.s.due.lateAt = time.Now().Add(retryEvery)
		}
		if number, ok := segmentNumber(name); ok {
			numbers = append(numbers, number)
		}
		if old, ok := strings.CutSuffix(name, tempSuffix); ok {
			if _, ours := segmentNumber(old); ours {
				_ = l.s.log.fs.Remove(l.s.log.path(name))
			}
		}
	}
	slices.Sort(numbers)
	all = true
	for i, number := range numbers {
		l.s.log.newest = max(l.s.log.newest, number)
		all = l.segment(number, i == len(numbers)-1) && all
	}
	return all
}

// segment reads one segment. It returns false for an unreadable one, which is read
// later, and for one of a newer version, which stays as it is.
func (l loader) segment(number uint64, newest bool) (read bool) {
	name, log := segmentName(number), l.s.opts.Log
	b, err := l.s.log.read(number)
	if err != nil {
		log.Error("cannot read a file of the spool", "file", name, "error", err, "retry_in", retryEvery)
		l.s.late.add(name)
		l.s.due.lateAt = time.Now().Add(retryEvery)
		return false
	}
	format, ours := parseSegmentHead(b, number)
	if ours && format > segmentFormat && !anyRecord(b, number) { // else its version is damaged
		log.Error("a newer version wrote this file of the spool: ignored and kept", "file", name)
		return false
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
	return true
}

// anyRecord reports whether a segment has a valid record.
func anyRecord(b []byte, number uint64) (found bool) {
	_, _ = scan(b, salt(number), segmentHead, func(int, entry) { found = true })
	return found
}

func (l loader) entry(g *segment, e entry) {
	if e.kind == kindName && e.queue == floorHash {
		l.s.queues.floor = max(l.s.queues.floor, uint64(e.at))
		return
	}
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
	f, err := l.s.log.fs.Open(l.s.log.path(name))
	if err != nil {
		return
	}
	_ = f.Truncate(int64(end)) // what stays is read in the same way again
	_ = f.Sync()
	_ = f.Close()
}

func (l loader) countDamage(name string, bad damage) {
	if bad.stretches == 0 {
		return
	}
	l.s.damage.add(bad)
	l.s.opts.Log.Error("damaged lines in the spool skipped", "file", name, "places", bad.stretches, "bytes", bad.bytes)
}
