package spool

import (
	"context"
	"errors"
	"time"
)

// Run does what must be done in time: the group commit, the return to a disk
// that had failed, and making room. It ends, after a last commit, when ctx
// does, always with nil.
func (s *Spool) Run(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			s.sync()
			return nil
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
		if wait, ok := s.work(time.Now()); ok {
			timer.Reset(wait)
		}
	}
}

// due makes sure that Run wakes at that time; s.mu is held.
func (s *Spool) due(at time.Time) {
	if s.armed.IsZero() || at.Before(s.armed) {
		signal(s.wake)
	}
}

// work does what is due, and says how long nothing else will be.
func (s *Spool) work(now time.Time) (wait time.Duration, ok bool) {
	s.mu.Lock()
	back := passed(s.retryAt, now)
	commit := s.commitDue(now)
	room := s.toRoom
	if passed(s.ackAt, now) {
		s.writeAcks(now)
	}
	s.mu.Unlock()
	if back {
		s.comeBack(now)
	}
	if commit {
		s.sync()
	}
	if room {
		s.makeRoom()
	}
	return s.arm(time.Now())
}

func passed(due, now time.Time) bool { return !due.IsZero() && !due.After(now) }

// arm finds the next time at which something is due.
func (s *Spool) arm(now time.Time) (wait time.Duration, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = time.Time{}
	for _, at := range []time.Time{s.lookAt, s.restAt, s.ackAt, s.retryAt} {
		if !at.IsZero() && (s.armed.IsZero() || at.Before(s.armed)) {
			s.armed = at
		}
	}
	return s.armed.Sub(now), !s.armed.IsZero()
}

// sync makes durable all that was written before. An fsync that fails is the
// end of its segment, since a second success would prove nothing.
func (s *Spool) sync() {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.syncFiles()
}

// syncFiles holds s.filing, but s.mu only for a moment: nobody waits for a
// slow card.
func (s *Spool) syncFiles() {
	s.mu.Lock()
	s.noteAcks()
	former, dir := s.unsynced, s.dirNew
	var current File
	if s.current != nil && s.unsyncedN > 0 {
		current = s.current.file
	}
	s.unsynced, s.unsyncedN, s.dirNew = nil, 0, false
	s.committing()
	s.mu.Unlock()

	var errs []error
	for _, f := range former {
		errs = append(errs, f.Sync(), f.Close())
	}
	syncs := len(former)
	if current != nil {
		errs = append(errs, current.Sync())
		syncs++
	}
	if dir {
		errs = append(errs, s.FS.SyncDir(s.Dir))
		syncs++
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.Syncs += uint64(syncs)
	if err := errors.Join(errs...); err != nil {
		s.dirNew = s.dirNew || dir
		s.fail(err)
	}
}

// noteAcks writes into the log how far each queue is, so that one fsync does
// for both; s.mu is held.
func (s *Spool) noteAcks() {
	if !s.down.IsZero() || !s.ackedSinceNoted() {
		return
	}
	if err := s.noteNames(func(q *Queue) bool { return q.noted != q.acked }); err != nil {
		s.fail(err)
	}
}

// noteNames writes how far these queues are; s.mu is held.
func (s *Spool) noteNames(which func(*Queue) bool) error {
	if err := s.roll(); err != nil {
		return err
	}
	b := s.scratch[:0]
	for _, q := range s.order {
		if which(q) {
			b = q.appendName(b, salt(s.current.number))
			q.noted = q.acked
		}
	}
	s.scratch = b
	if len(b) == 0 { // a segment begun just now says it all
		return nil
	}
	return s.write(b)
}

func (s *Spool) ackedSinceNoted() bool {
	for _, q := range s.order {
		if q.noted != q.acked {
			return true
		}
	}
	return false
}

var (
	errFull      = errors.New("the disk is nearly full")
	errMeanwhile = errors.New("it failed again while it was tried")
	errBacklog   = errors.New("the folder holds a backlog that could not be read at the start: the next start delivers it")
)

// comeBack tries the disk again. Only when an fsync succeeded is it trusted.
func (s *Spool) comeBack(now time.Time) {
	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		s.retryAt = time.Time{}
		return
	}
	s.retryAt = now.Add(retryEvery)
	if err := s.tryDisk(); err != nil {
		s.Log.Debug("the spool still cannot write", "error", err)
		return
	}
	away := now.Sub(s.down)
	s.down, s.retryAt = time.Time{}, time.Time{}
	for _, q := range s.order {
		s.store(q)
		q.shrink()
	}
	if s.down.IsZero() {
		s.Log.Info("the spool writes again", "dir", s.Dir, "after", away.Round(time.Second))
	}
}

// tryDisk makes a new segment and syncs it; s.mu is held but for the fsync,
// while s.down keeps everybody else from writing.
func (s *Spool) tryDisk() error {
	if err := s.tryFolder(); err != nil {
		return err
	}
	if free := s.FS.Free(s.Dir); free >= 0 && free < s.waiting+2*s.segmentSize {
		return errFull // a full disk that gives a few bytes now and then is no disk
	}
	if s.acks.file == nil {
		if err := s.openAcks(nil); err != nil {
			return err
		}
	}
	if err := s.roll(); err != nil {
		return err
	}
	g, f := s.current, s.current.file
	s.mu.Unlock()
	err := errors.Join(f.Sync(), s.FS.SyncDir(s.Dir))
	s.mu.Lock()
	s.counts.Syncs += 2
	if s.current != g {
		return errMeanwhile
	}
	if err != nil {
		s.current = nil
		s.segments = s.segments[:len(s.segments)-1]
		_ = f.Close()
		_ = s.FS.Remove(s.path(segmentName(g.number)))
	}
	return err
}

// tryFolder looks at a folder that was unusable at the start. Its seqs would
// not fit those given since.
func (s *Spool) tryFolder() error {
	if s.loaded {
		return nil
	}
	if err := s.FS.MkdirAll(s.Dir); err != nil {
		return err
	}
	names, err := s.FS.Names(s.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := segmentNumber(name); ok || name == acksName {
			return errBacklog
		}
	}
	s.loaded = true
	return nil
}

// Close commits for the last time. Afterwards the queues work in memory only.
// It may be called twice, and without Run.
func (s *Spool) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	for _, q := range s.order {
		q.bypass = false
		s.store(q)
		q.commit()
	}
	s.mu.Unlock()
	s.sync()
	s.makeRoom()
	s.sync()

	s.filing.Lock()
	defer s.filing.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tellLost()
	var err error
	if s.down.IsZero() {
		err = s.endAcks()
		s.down = time.Now()
	}
	s.closeAcks()
	s.seal()
	for _, f := range s.unsynced {
		err = errors.Join(err, f.Close())
	}
	s.unsynced, s.closed = nil, true
	return err
}

// tellLost says what ends with the process; s.mu is held.
func (s *Spool) tellLost() {
	lines := 0
	for _, q := range s.order {
		lines += q.unstored
	}
	if lines > 0 {
		s.Log.Error("lines that could not be written are lost with this stop", "lines", lines, "dir", s.Dir)
	}
}
