package spool

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"arduino-gateway/internal/stagedfs"
)

// lateSuffix is that of a segment which is read while the spool runs. Its records may
// have lower seqs than those that are acknowledged by now, so that a later start must
// not read it as a part of the log.
const lateSuffix = ".late"

// late are the segments of earlier runs that could not be read at the start: a read
// failed, or the folder was not there yet. Their records are appended again, with new
// seqs, behind what came since. Spool.mu guards it.
type late struct {
	files []string          // their names, in order
	acked map[uint64]uint64 // by queue: what was acknowledged when the files were found
}

func isLate(name string) bool {
	segment, ok := strings.CutSuffix(name, lateSuffix)
	_, ours := segmentNumber(segment)
	return ok && ours
}

func (l *late) add(name string) { l.files = append(l.files, name) }

// acknowledged notes what was acknowledged of a queue.
func (l *late) acknowledged(queue, seq uint64) {
	if l.acked == nil {
		l.acked = map[uint64]uint64{}
	}
	l.acked[queue] = max(l.acked[queue], seq)
}

// takeUpLateFolder begins to use a folder that was not usable at the start; s.mu is
// held. What it holds is delivered after the lines that came since.
func (s *Spool) takeUpLateFolder() error {
	s.leaveFolder()
	if s.log.usable {
		return nil
	}
	if _, err := s.attach(); err != nil {
		return err
	}
	names, err := s.log.open()
	if err != nil {
		return err
	}
	acks, err := s.log.fs.ReadFile(s.acks.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.log.usable = false
		return err
	}
	eachSlot(acks, s.late.acknowledged)
	if head, ok := decodeAcksHead(acks); ok {
		s.beginAt(max(s.base, head.floor+leap))
	}
	slices.Sort(names)
	for _, name := range names {
		number, ours := segmentNumber(name)
		s.log.newest = max(s.log.newest, number)
		if ours || isLate(name) {
			s.late.add(name)
		}
	}
	if n := len(s.late.files); n > 0 {
		s.due.lateAt = time.Now()
		s.opts.Log.Info("the spool's folder came late, with lines of an earlier run: they follow", "files", n)
	}
	return nil
}

// inPlace reports whether the log's folder is still the one that was opened; s.mu is
// held, but not while it looks. If not, a disk came late, and the next attempt takes it up.
func (s *Spool) inPlace() bool {
	s.mu.Unlock()
	moved := s.log.fs.Moved()
	s.mu.Lock()
	if moved {
		s.fail(stagedfs.ErrMoved)
	}
	return s.writable()
}

// leaveFolder gives up a folder over which another one is mounted: the lines that are in
// memory too go to the other one; s.mu is held. Those that only the folder beneath has
// stay there.
func (s *Spool) leaveFolder() {
	if !s.log.usable || !s.log.fs.Moved() {
		return
	}
	s.log.leave()
	s.acks.file = nil
	left := 0
	for _, q := range s.queues.order {
		left += q.leaveDisk()
	}
	if left > 0 {
		s.opts.Log.Error("lines left in the folder below the disk that was mounted over it", "lines", left, "dir", s.opts.Dir)
	}
}

// leaveDisk forgets what the queue has on disk only, and returns the number of these
// records; s.mu is held.
func (q *Queue) leaveDisk() (left int) {
	left = q.lines() - q.window.n
	q.dropped += uint64(left)
	q.disk, q.synced, q.checked, q.loggedAck = extents{}, 0, 0, 0
	q.unstored = q.window.n
	q.wait(q.window.bytes - q.waiting)
	return left
}

// readLate appends what the late files hold, when the disk works. Those that still
// cannot be read are tried again.
func (s *Spool) readLate(now time.Time) {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	s.due.lateAt = time.Time{}
	files, works := slices.Clone(s.late.files), s.writable()
	s.mu.Unlock()
	var left []string
	for i, name := range files {
		if !works || s.mark(&files[i]) != nil {
			left = append(left, files[i])
			continue
		}
		if err := s.readLateFile(files[i]); err != nil {
			s.opts.Log.Debug("cannot read a file of the spool", "file", name, "error", err)
			left = append(left, files[i])
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.late.files = left; len(left) > 0 {
		s.due.lateAt = now.Add(retryEvery)
	}
}

// mark gives a file its late name, for the next start.
func (s *Spool) mark(name *string) error {
	if isLate(*name) {
		return nil
	}
	if err := s.log.fs.Rename(s.log.path(*name), s.log.path(*name+lateSuffix)); err != nil {
		return err
	}
	*name += lateSuffix
	return s.log.disk.SyncDir(s.log.dir)
}

// readLateFile appends the records of a file and deletes it when they are durable.
func (s *Spool) readLateFile(name string) error {
	number, _ := segmentNumber(strings.TrimSuffix(name, lateSuffix))
	b, err := s.log.fs.ReadFile(s.log.path(name))
	if err != nil {
		return err
	}
	s.mu.Lock()
	lines := s.appendLate(b, number)
	s.mu.Unlock()
	if !s.syncFiles() {
		return errNotWritable
	}
	s.opts.Log.Info("lines of an earlier run read late", "lines", lines, "file", name)
	return s.log.disk.Remove(s.log.path(name))
}

// appendLate appends the records of a segment that were not acknowledged, and returns
// their number; s.mu is held.
func (s *Spool) appendLate(b []byte, number uint64) (lines int) {
	_, _ = scan(b, salt(number), min(segmentHead, len(b)), func(_ int, e entry) {
		if e.kind == kindName {
			s.late.acknowledged(e.queue, e.seq)
		}
	})
	bad, _ := scan(b, salt(number), min(segmentHead, len(b)), func(_ int, e entry) {
		if e.kind == kindName && e.queue != floorHash && hashOf(string(e.data)) == e.queue {
			s.queue(e.queue).name = string(e.data)
		}
		if e.kind != kindLine || e.seq <= s.late.acked[e.queue] {
			return
		}
		s.late.acknowledged(e.queue, e.seq) // what follows with this seq is a copy
		q := s.queue(e.queue)
		q.loggedAck = ^uint64(0) // the log may not have its name: the next sync writes it
		q.push(e.at, e.data)
		if q.waiting > maxUncommitted {
			q.commit()
		}
		lines++
	})
	s.damage.add(bad)
	for _, q := range s.queues.order {
		q.commit()
	}
	return lines
}
