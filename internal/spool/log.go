package spool

import (
	"errors"
	"path/filepath"

	"arduino-gateway/internal/stagedfs"
)

// segmentLog is the log on disk: its segments, and the files that are open.
// Spool.mu guards it.
type segmentLog struct {
	fs          *stagedfs.Staged // of the files that are written to
	disk        stagedfs.FS      // beneath fs, for files that are written once
	dir         string
	segmentSize int64 // bytes after which a new segment begins
	usable      bool  // the folder could be read when it was opened

	segments []*segment // by number
	current  *segment   // the last of segments, open for writing; nil: none
	newest   uint64     // the highest number there ever was

	unsynced      []*segment // former current ones whose files are not durable
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

// settle makes the names in the folder durable, and a fresh folder itself: else a power
// cut would leave nothing that keeps seqs from beginning again.
func (l *segmentLog) settle(fresh bool) error {
	l.syncs++
	err := l.fs.SyncDir(l.dir)
	if fresh && err == nil {
		l.syncs++
		err = l.disk.SyncDir(filepath.Dir(filepath.Clean(l.dir)))
	}
	return err
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

// begin makes a new current segment, which starts with the floor and the names of all
// queues: it is then complete even if the other segments are lost.
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
	l.unsynced = append(l.unsynced, l.current)
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
	g.file = nil
}

// unsynced is what the next fsync is for.
type unsynced struct {
	former  []*segment
	free    []*segment // former ones that nobody needs: they are never written to the disk
	current *segment   // nil: synced
	folder  bool
	bytes   int64
}

// takeUnsynced returns what has no fsync.
func (l *segmentLog) takeUnsynced() unsynced {
	u := unsynced{folder: l.newNames, bytes: l.unsyncedBytes}
	for _, g := range l.unsynced {
		if g.extents == 0 && g != l.segments[len(l.segments)-1] {
			u.free = append(u.free, g)
		} else {
			u.former = append(u.former, g)
		}
	}
	if l.current != nil && l.unsyncedBytes > 0 {
		u.current = l.current
	}
	l.unsynced, l.unsyncedBytes, l.newNames = nil, 0, false
	return u
}

// synced closes the former segments of u, which are durable now or free.
func (l *segmentLog) synced(u unsynced) error {
	var errs []error
	for _, g := range u.free {
		l.fs.Abandon(l.path(segmentName(g.number)))
		errs = append(errs, g.file.Close())
		g.file = nil
	}
	for _, g := range u.former {
		errs = append(errs, g.file.Close())
		g.file = nil
	}
	return errors.Join(errs...)
}

// putBack takes back what could not be synced. A current segment that ended since is
// among the unsynced already.
func (l *segmentLog) putBack(u unsynced) {
	l.unsynced = append(append(u.former, u.free...), l.unsynced...)
	l.unsyncedBytes += u.bytes
	l.newNames = l.newNames || u.folder
}

// leave forgets a folder over which another one is mounted.
func (l *segmentLog) leave() {
	l.fs.Leave()
	l.usable, l.segments, l.current = false, nil, nil
	l.unsynced, l.unsyncedBytes = nil, 0
}

// closeAll ends the log.
func (l *segmentLog) closeAll() (err error) {
	l.seal()
	for _, g := range l.unsynced {
		err = errors.Join(err, g.file.Close())
		g.file = nil
	}
	l.unsynced = nil
	return err
}

// free returns the durable segments that hold no unacknowledged record. The newest
// stays: it alone knows the seq of every queue.
func (l *segmentLog) free() (free []*segment) {
	for i, g := range l.segments {
		if g.extents == 0 && g != l.current && i < len(l.segments)-1 {
			free = append(free, g)
		}
	}
	return free
}

// sealed reports whether g can be rewritten: it is durable, and that may gain something.
func (l *segmentLog) sealed(g *segment) bool { return g.file == nil && !g.stuck }

// put replaces a segment's file by one that is complete and durable.
func (l *segmentLog) put(number uint64, b []byte) error {
	name := l.path(segmentName(number))
	if err := stagedfs.WriteFile(l.disk, name+tempSuffix, name, b); err != nil {
		return err
	}
	return l.disk.SyncDir(l.dir)
}
