package spool

import (
	"errors"
	"path/filepath"
)

// errBacklog: the seqs of the backlog would not fit those assigned since the start.
var errBacklog = errors.New("the folder holds a backlog that could not be read at the start (hint: restart to deliver it)")

// segmentLog is the log on disk: its segments, and the files that are open.
// Spool.mu guards it.
type segmentLog struct {
	fs          FS
	dir         string
	segmentSize int64 // bytes after which a new segment begins
	usable      bool  // the folder could be read when it was opened

	segments []*segment // by number
	current  *segment   // the last of segments, open for writing; nil: none
	newest   uint64     // the highest number there ever was

	unsynced      []File // of former current segments
	unsyncedBytes int64
	newNames      bool // names were added since the folder's fsync

	scratch                []byte
	written, writes, syncs uint64 // totals of bytes and of system calls
}

func (l *segmentLog) path(name string) string { return filepath.Join(l.dir, name) }

func (l *segmentLog) read(number uint64) ([]byte, error) {
	return l.fs.ReadFile(l.path(segmentName(number)))
}

func (l *segmentLog) remove(number uint64) error { return l.fs.Remove(l.path(segmentName(number))) }

// open makes the folder and returns the names of its files.
func (l *segmentLog) open() (names []string, err error) {
	if err = l.fs.MkdirAll(l.dir); err == nil {
		names, err = l.fs.Names(l.dir)
	}
	l.usable = err == nil
	return names, err
}

// reopen tries a folder again that was not usable at the start.
func (l *segmentLog) reopen() error {
	if l.usable {
		return nil
	}
	names, err := l.open()
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, ok := segmentNumber(name); ok || name == acksName {
			l.usable = false
			return errBacklog
		}
	}
	return nil
}

// size returns the bytes of all segments.
func (l *segmentLog) size() (n int64) {
	for _, g := range l.segments {
		n += g.size
	}
	return n
}

// full reports whether the next record needs a new segment.
func (l *segmentLog) full() bool { return l.current == nil || l.current.size >= l.segmentSize }

// begin makes a new current segment, which starts with the names of all queues:
// it is then complete even if the other segments are lost.
func (l *segmentLog) begin(queues *queueSet) error {
	l.seal()
	f, err := l.fs.Create(l.path(segmentName(l.newest + 1)))
	if err != nil {
		return err
	}
	l.newest++
	g := &segment{number: l.newest, file: f}
	l.current = g
	l.scratch = queues.appendNames(appendSegmentHead(l.scratch[:0], g.number), g.number)
	if err := l.write(l.scratch); err != nil {
		l.current = nil
		return errors.Join(err, f.Close(), l.remove(g.number))
	}
	l.segments = append(l.segments, g)
	l.newNames = true
	return nil
}

// write appends to the current segment.
func (l *segmentLog) write(b []byte) error {
	g := l.current
	if _, err := g.file.WriteAt(b, g.size); err != nil {
		return err
	}
	g.size += int64(len(b))
	l.written += uint64(len(b))
	l.writes++
	l.unsyncedBytes += int64(len(b))
	return nil
}

// seal ends the current segment. The next sync closes its file.
func (l *segmentLog) seal() {
	if l.current == nil {
		return
	}
	l.unsynced = append(l.unsynced, l.current.file)
	l.current.file = nil
	l.current = nil
}

// undo cuts off what a failed write left behind the last whole record, if that
// is possible, and ends the segment.
func (l *segmentLog) undo() {
	if g := l.current; g != nil {
		_ = g.file.Truncate(g.size)
	}
	l.seal()
}

// discard removes the current segment, which must be the last.
func (l *segmentLog) discard() {
	g := l.current
	l.current = nil
	l.segments = l.segments[:len(l.segments)-1]
	_ = g.file.Close()
	_ = l.remove(g.number)
}

// unsyncedFiles are what the next fsync is for.
type unsyncedFiles struct {
	former  []File // to be closed, too
	current File   // nil: synced
	folder  bool
}

// takeUnsynced returns the files without an fsync, and counts them as synced.
func (l *segmentLog) takeUnsynced() unsyncedFiles {
	u := unsyncedFiles{former: l.unsynced, folder: l.newNames}
	if l.current != nil && l.unsyncedBytes > 0 {
		u.current = l.current.file
	}
	l.unsynced, l.unsyncedBytes, l.newNames = nil, 0, false
	return u
}

// closeAll ends the log.
func (l *segmentLog) closeAll() (err error) {
	l.seal()
	for _, f := range l.unsynced {
		err = errors.Join(err, f.Close())
	}
	l.unsynced = nil
	return err
}

// free returns the segments that hold no unacknowledged record. The newest stays:
// it alone knows the seq of every queue.
func (l *segmentLog) free() (free []*segment) {
	for i, g := range l.segments {
		if g.extents == 0 && g != l.current && i < len(l.segments)-1 {
			free = append(free, g)
		}
	}
	return free
}

// sealed reports whether g can be rewritten.
func (l *segmentLog) sealed(g *segment) bool { return g != l.current && !g.stuck }

// put replaces a segment's file by one that is complete and durable.
func (l *segmentLog) put(number uint64, b []byte) error {
	name := l.path(segmentName(number))
	f, err := l.fs.Create(name + tempSuffix)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = l.fs.Rename(name+tempSuffix, name)
	}
	if err != nil {
		_ = l.fs.Remove(name + tempSuffix)
		return err
	}
	return l.fs.SyncDir(l.dir)
}
