package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"arduino-gateway/internal/stagedfs"
)

const (
	acksName  = "acks"
	acksMagic = "AGACKS\x00\x02"
	acksHead  = 4096
	slotSize  = 24
	slots     = 1024 // further queues have their acknowledgements in the segments only
	tableSize = slots * slotSize
	acksSize  = acksHead + 2*tableSize

	ackPause = 5 * time.Millisecond  // at least, between two writes
	ackDelay = 50 * time.Millisecond // at most, until the last one is written
)

// ackFile is the file of acknowledgements: a head, and the same table twice. A
// slot of a table is the hash of a queue's name, the last acknowledged seq, and a
// checksum. The two tables are written in turns, so that a torn write leaves the
// other one. Spool.mu guards it.
type ackFile struct {
	fs            *stagedfs.Staged
	path          string
	file          stagedfs.File // nil: not open
	durable       bool          // it is on disk, with the head of this run
	syncing       bool          // it is being synced for that
	turn          int           // the table to write next
	table         []byte
	writes, syncs uint64 // totals of system calls
}

// The states of a run, as they stand in the head.
const (
	stateRunning = 0
	stateClean   = 1 // the run closed the spool: nothing is missing
	stateFailed  = 2 // the disk failed, and has not worked again since
)

// acksHeader is the beginning of the file.
type acksHeader struct {
	token uint64 // of the stage, see stagedfs.Staged; 0 is none
	state byte
	floor uint64 // see queueSet.floor
}

// openAcks opens the file of acknowledgements, which had this content, and makes it
// durable; s.mu is held, but not during the fsync.
func (s *Spool) openAcks(old []byte) error {
	err := s.acks.open(old, s.queues.floor)
	if err == nil {
		err = s.acks.write(s.queues.order)
	}
	if err != nil {
		s.acks.close()
		return err
	}
	s.log.newNames = true
	return s.syncAcks()
}

// reopenAcks makes the file usable again after a failure; s.mu is held, but not during
// the fsync.
func (s *Spool) reopenAcks() error {
	if s.acks.file == nil {
		return s.openAcks(nil)
	}
	return s.syncAcks()
}

// syncAcks makes the file durable if it is not, and gives the stage the token in it. If
// that fails the file stays open: what it says may outlive the process in the stage. s.mu
// is held, but not during the fsync, while nothing is written to the file.
func (s *Spool) syncAcks() error {
	a := &s.acks
	if a.durable {
		return nil
	}
	a.syncing = true
	s.mu.Unlock()
	err := a.file.Sync()
	s.mu.Lock()
	a.syncing = false
	a.syncs++
	if err != nil {
		return err
	}
	a.durable = true
	a.fs.Renew()
	return nil
}

// ackLater schedules the write of an acknowledgement: at once if the last write
// was a while ago, else together with the next ones; s.mu is held.
func (s *Spool) ackLater() {
	now := time.Now()
	s.due.syncLater(now)
	if now.Sub(s.ackedAt) >= ackPause {
		s.writeAcks(now)
	} else {
		s.due.acksLater(now)
	}
}

// writeAcks writes the last acknowledged seq of every queue; s.mu is held.
func (s *Spool) writeAcks(now time.Time) {
	if s.acks.syncing {
		s.due.ackAt = time.Time{}
		s.due.acksLater(now)
		return
	}
	s.ackedAt, s.due.ackAt = now, time.Time{}
	if err := s.acks.write(s.queues.order); err != nil {
		s.acks.close()
		s.fail(err)
	}
}

// open makes the file complete at once: acknowledgements must not need room on a
// full disk later.
func (a *ackFile) open(old []byte, floor uint64) (err error) {
	a.close()
	a.durable = false
	var f stagedfs.File
	if len(old) == acksSize {
		f, err = a.fs.Open(a.path)
	} else {
		f, err = a.fs.Create(a.path)
	}
	if err != nil {
		return err
	}
	a.file = f
	b := appendAcksHead(nil, acksHeader{a.fs.Token(), stateRunning, floor})
	if len(old) != acksSize {
		b = append(b, make([]byte, acksSize-len(b))...)
	}
	_, err = f.WriteAt(b, 0)
	return err
}

func (a *ackFile) write(queues []*Queue) error {
	if a.file == nil {
		return nil
	}
	b := a.table[:0]
	for _, q := range queues[:min(len(queues), slots)] {
		b = appendSlot(b, q.hash, q.acked)
	}
	a.table = b
	if _, err := a.file.WriteAt(b, int64(acksHead+a.turn*tableSize)); err != nil {
		return err
	}
	a.turn = 1 - a.turn
	a.writes++
	return nil
}

// mark writes the state of the run, without an fsync.
func (a *ackFile) mark(state byte, floor uint64) error {
	if a.file == nil {
		return nil
	}
	_, err := a.file.WriteAt(appendAcksHead(nil, acksHeader{a.fs.Token(), state, floor}), 0)
	return err
}

// markClean notes that nothing is missing: the next run goes on with the next seq.
func (a *ackFile) markClean(floor uint64) error {
	if a.file == nil {
		return nil
	}
	if err := a.file.Sync(); err != nil {
		return err
	}
	a.syncs += 2
	if err := a.mark(stateClean, floor); err != nil {
		return err
	}
	return a.file.Sync()
}

func (a *ackFile) close() {
	if a.file != nil {
		_ = a.file.Close()
		a.file = nil
	}
}

// complete reports whether every seq that the last run assigned is known: it closed the
// spool, or it was killed while the disk worked and the stage that it wrote to is still
// there.
func (h acksHeader) complete(staged bool) bool {
	return h.state == stateClean || h.state == stateRunning && staged
}

// eachSlot calls f for every valid slot of both tables. The higher seq of a queue
// counts.
func eachSlot(b []byte, f func(queue, acked uint64)) {
	for from := acksHead; from+slotSize <= min(len(b), acksSize); from += slotSize {
		if queue, acked, ok := decodeSlot(b[from:]); ok {
			f(queue, acked)
		}
	}
}

func appendSlot(b []byte, queue, acked uint64) []byte {
	from := len(b)
	b = binary.LittleEndian.AppendUint64(b, queue)
	b = binary.LittleEndian.AppendUint64(b, acked)
	return binary.LittleEndian.AppendUint64(b, uint64(crc32.Update(1, castagnoli, b[from:])))
}

func decodeSlot(b []byte) (queue, acked uint64, ok bool) {
	queue, acked = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	return queue, acked, binary.LittleEndian.Uint64(b[16:]) == uint64(crc32.Update(1, castagnoli, b[:16]))
}

func appendAcksHead(b []byte, h acksHeader) []byte {
	from := len(b)
	b = append(b, acksMagic...)
	b = binary.LittleEndian.AppendUint64(b, h.token)
	b = append(b, h.state)
	b = binary.LittleEndian.AppendUint64(b, h.floor)
	return binary.LittleEndian.AppendUint32(b, crc32.Update(1, castagnoli, b[from:]))
}

// decodeAcksHead returns false for a head that is damaged. Version 1 had neither token
// nor floor.
func decodeAcksHead(b []byte) (h acksHeader, ok bool) {
	switch {
	case len(b) < acksHead:
	case string(b[:8]) == acksMagic:
		h.token, h.floor = binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[17:])
		ok = binary.LittleEndian.Uint32(b[25:]) == crc32.Update(1, castagnoli, b[:25])
	case string(b[:8]) == "AGACKS\x00\x01":
		ok = binary.LittleEndian.Uint32(b[17:]) == crc32.Update(1, castagnoli, b[:17])
	}
	if !ok {
		return acksHeader{}, false
	}
	h.state = b[16]
	return h, true
}
