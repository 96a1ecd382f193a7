package spool

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	segmentMagic  = "AGSPOOL"
	segmentFormat = 1
	segmentHead   = 16 // magic, format, number
	segmentSuffix = ".seg"
)

// segment is one file of the log. All but the current one are never written
// again.
type segment struct {
	number uint64
	size   int64
	parts  int  // queues with unacknowledged records in it
	file   File // of the current one
	stuck  bool // could not be rewritten, or not to any use
}

func segmentName(number uint64) string { return fmt.Sprintf("%016x%s", number, segmentSuffix) }

// segmentNumber is the inverse of segmentName.
func segmentNumber(name string) (uint64, bool) {
	digits, ok := strings.CutSuffix(name, segmentSuffix)
	if !ok || len(digits) != 16 {
		return 0, false
	}
	n, err := strconv.ParseUint(digits, 16, 64)
	return n, err == nil && segmentName(n) == name
}

func appendSegmentHead(b []byte, number uint64) []byte {
	b = append(b, segmentMagic...)
	b = append(b, segmentFormat)
	return binary.LittleEndian.AppendUint64(b, number)
}

// part is what a segment holds of a queue: count records from first to last.
type part struct {
	segment     *segment
	first, last uint64
	count       int
	bytes       int64
	at          int64 // the first one's time
}

func (s *Spool) diskBytes() (n int64) {
	for _, g := range s.segments {
		n += g.size
	}
	return n
}

// roll makes sure that the current segment has room; s.mu is held.
func (s *Spool) roll() error {
	if s.current != nil && s.current.size < s.segmentSize {
		return nil
	}
	s.seal()
	f, err := s.FS.Create(s.path(segmentName(s.number + 1)))
	if err != nil {
		return err
	}
	return s.begin(f)
}

// begin makes f the current segment, with what is known of every queue at its
// start: it stands for itself, whatever becomes of the others.
func (s *Spool) begin(f File) error {
	s.number++
	g := &segment{number: s.number, file: f}
	b := appendSegmentHead(s.scratch[:0], g.number)
	b = s.appendNames(b, g.number)
	for _, q := range s.order {
		q.noted = q.acked
	}
	s.scratch, s.current = b, g
	if err := s.write(b); err != nil {
		s.current = nil
		return errors.Join(err, f.Close(), s.FS.Remove(s.path(segmentName(g.number))))
	}
	s.segments = append(s.segments, g)
	s.dirNew, s.toRoom = true, true
	s.wake.Set()
	return nil
}

func (s *Spool) appendNames(b []byte, number uint64) []byte {
	for _, q := range s.order {
		b = q.appendName(b, salt(number))
	}
	return b
}

// appendName notes the queue's name and how far it is.
func (q *Queue) appendName(b []byte, salt uint32) []byte {
	return appendEntry(b, salt, entry{kindName, q.hash, q.acked, int64(max(q.seq, q.promised)), []byte(q.name)})
}

// seal ends the current segment. Whoever syncs next closes its file.
func (s *Spool) seal() {
	if s.current == nil {
		return
	}
	s.unsynced = append(s.unsynced, s.current.file)
	s.current.file = nil
	s.current = nil
}

// write appends to the current segment; s.mu is held.
func (s *Spool) write(b []byte) error {
	g := s.current
	if _, err := g.file.WriteAt(b, g.size); err != nil {
		return err
	}
	g.size += int64(len(b))
	s.counts.Written += uint64(len(b))
	s.counts.Writes++
	s.unsyncedN += int64(len(b))
	if s.lookAt.IsZero() || s.restAt.IsZero() { // else it is seen to, and a line need not ask for the time
		s.commitLater(time.Now())
	}
	if s.unsyncedN >= unsyncedMost {
		s.wake.Set()
	}
	return nil
}

// store writes what the queue has in memory only; s.mu is held.
func (s *Spool) store(q *Queue) {
	for s.writable() && q.unstored > 0 {
		if err := s.storeSome(q); err != nil {
			s.fail(err)
		}
	}
}

// storeSome fills the current segment once.
func (s *Spool) storeSome(q *Queue) error {
	if err := s.roll(); err != nil {
		return err
	}
	from := q.window.n - q.unstored
	first, n := *q.window.at(from), 0
	b, salt := s.scratch[:0], salt(s.current.number)
	for n < q.unstored && s.current.size+int64(len(b)) < s.segmentSize {
		h := q.window.at(from + n)
		b = appendEntry(b, salt, entry{kindLine, q.hash, h.seq, h.at, h.data})
		n++
	}
	s.scratch = b
	if err := s.write(b); err != nil {
		return err
	}
	q.stored(part{s.current, first.seq, q.window.at(from + n - 1).seq, n, int64(len(b)), first.at})
	return nil
}
