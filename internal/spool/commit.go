package spool

import (
	"errors"
	"time"
)

// A group commit is one fsync for all queues. Only records that wait need it: one
// that is acknowledged within half of Options.Sync costs the card no more than its
// bytes. So the spool checks every half of Sync, and syncs if a record of the last
// check still waits and is not durable. Everything else gets an fsync within a
// minute, so that no more than that comes twice after a power cut.

// commitDue reports whether it is time for an fsync; s.mu is held.
func (s *Spool) commitDue(now time.Time) bool {
	if passed(s.due.syncAt, now) || s.log.unsyncedBytes >= maxUnsynced {
		return true
	}
	if !passed(s.due.checkAt, now) {
		return false
	}
	s.due.checkAt = time.Time{}
	for _, q := range s.queues.order {
		safe := max(q.acked, q.synced)
		if safe < q.checked {
			return true
		}
		if q.checked = q.disk.last(); safe < q.checked {
			s.due.checkAt = now.Add(s.opts.Sync / 2)
		}
	}
	return false
}

// sync makes everything durable that was written before.
func (s *Spool) sync() {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.syncFiles()
}

// syncFiles holds s.filing, and s.mu only for a moment, so that no queue waits
// for a slow card. A failed fsync ends its segment. It returns true if everything that
// was written before is durable.
func (s *Spool) syncFiles() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due.checkAt, s.due.syncAt = time.Time{}, time.Time{}
	if !s.writable() || !s.inPlace() {
		return false
	}
	s.logAcks()
	s.due.checkAt, s.due.syncAt = time.Time{}, time.Time{}
	if err := s.syncUnsynced(); err != nil {
		s.fail(err)
	}
	return s.writable()
}

// syncUnsynced syncs what was written before; s.filing and s.mu are held, but s.mu not
// during the fsyncs.
func (s *Spool) syncUnsynced() error {
	u, marks := s.log.takeUnsynced(), s.queues.onDisk()
	s.mu.Unlock()
	syncs, err := s.syncEach(u)
	s.mu.Lock()
	s.log.syncs += syncs
	if err != nil {
		s.log.putBack(u)
		return err
	}
	s.noteNoFolderSync()
	s.queues.markSynced(marks)
	return s.log.synced(u)
}

// syncEach returns the number of fsyncs, and all errors joined.
func (s *Spool) syncEach(u unsynced) (syncs uint64, err error) {
	var errs []error
	for _, g := range u.former {
		errs = append(errs, g.file.Sync())
		syncs++
	}
	if u.current != nil {
		errs = append(errs, u.current.file.Sync())
		syncs++
	}
	if u.folder {
		errs = append(errs, s.log.fs.SyncDir(s.opts.Dir))
		syncs++
	}
	return syncs, errors.Join(errs...)
}

// noteNoFolderSync logs once that the file system cannot sync a folder; s.mu is held.
func (s *Spool) noteNoFolderSync() {
	if s.noFolderSync || !s.disk.NoFolderSync() {
		return
	}
	s.noFolderSync = true
	s.opts.Log.Warn("the file system of the spool cannot sync a folder: a power cut may lose lines that wait",
		"dir", s.opts.Dir, "hint", "set spool.dir to a folder on a local disk")
}

// logAcks writes the acknowledgements to the log, so that one fsync makes both
// durable; s.mu is held.
func (s *Spool) logAcks() {
	if !s.writable() || !s.queues.ackedSinceLogged() {
		return
	}
	if err := s.logNames(func(q *Queue) bool { return q.loggedAck != q.acked }); err != nil {
		s.fail(err)
	}
}

// logNames writes the name records of some queues; s.mu is held.
func (s *Spool) logNames(which func(*Queue) bool) error {
	if err := s.roll(); err != nil {
		return err
	}
	b := s.log.scratch[:0]
	for _, q := range s.queues.order {
		if which(q) {
			b = q.appendName(b, salt(s.log.current.number))
			q.loggedAck = q.acked
		}
	}
	s.log.scratch = b
	if len(b) == 0 { // a new segment begins with all of them
		return nil
	}
	return s.write(b)
}

// roll makes sure that the current segment has room; s.mu is held.
func (s *Spool) roll() error {
	if !s.log.full() {
		return nil
	}
	if err := s.log.begin(&s.queues); err != nil {
		return err
	}
	s.queues.acksLogged()
	s.due.makeRoom()
	s.written()
	return nil
}

// write appends to the current segment; s.mu is held.
func (s *Spool) write(b []byte) error {
	if err := s.log.write(b); err != nil {
		return err
	}
	s.written()
	return nil
}

// written schedules the fsync; s.mu is held. Mostly one is scheduled already, and
// a line need not ask for the time.
func (s *Spool) written() {
	if s.due.checkAt.IsZero() || s.due.syncAt.IsZero() {
		s.due.checkLater(time.Now(), s.opts.Sync)
	}
	if s.log.unsyncedBytes >= maxUnsynced {
		s.due.wake.Set()
	}
}
