package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

const (
	acksName  = "acks"
	acksMagic = "AGACKS\x00\x01"
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
	fs            FS
	path          string
	file          File // nil: not open
	turn          int  // the table to write next
	table         []byte
	writes, syncs uint64 // totals of system calls
}

// openAcks opens the file of acknowledgements, which had this content; s.mu is
// held.
func (s *Spool) openAcks(old []byte) error {
	if err := s.acks.open(old); err != nil {
		return err
	}
	s.log.newNames = true
	s.writeAcks(time.Now())
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
	s.ackedAt, s.due.ackAt = now, time.Time{}
	if err := s.acks.write(s.queues.order); err != nil {
		s.acks.close()
		s.fail(err)
	}
}

// open makes the file complete at once: acknowledgements must not need room on a
// full disk later.
func (a *ackFile) open(old []byte) (err error) {
	a.close()
	var f File
	if len(old) == acksSize {
		f, err = a.fs.Open(a.path)
	} else {
		f, err = a.fs.Create(a.path)
	}
	if err != nil {
		return err
	}
	a.file = f
	b := appendAcksHead(nil, hashOf(a.fs.Boot()), false)
	if len(old) != acksSize {
		b = append(b, make([]byte, acksSize-len(b))...)
	}
	if _, err = f.WriteAt(b, 0); err == nil {
		err = f.Sync()
		a.syncs++
	}
	if err != nil {
		a.close()
	}
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

// markClean notes that nothing is missing: the next run goes on with the next seq.
func (a *ackFile) markClean() error {
	if a.file == nil {
		return nil
	}
	if err := a.file.Sync(); err != nil {
		return err
	}
	a.syncs += 2
	if _, err := a.file.WriteAt(appendAcksHead(nil, hashOf(a.fs.Boot()), true), 0); err != nil {
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

// complete reports whether the last run cannot have lost records: it closed the
// spool, or the machine has been up since. b is the file's content.
func (a *ackFile) complete(b []byte) bool {
	boot, clean, ok := decodeAcksHead(b)
	return !ok || clean || a.fs.Boot() == "" || boot == hashOf(a.fs.Boot())
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

func appendAcksHead(b []byte, boot uint64, clean bool) []byte {
	from := len(b)
	b = append(b, acksMagic...)
	b = binary.LittleEndian.AppendUint64(b, boot)
	if clean {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Update(1, castagnoli, b[from:]))
}

func decodeAcksHead(b []byte) (boot uint64, clean, ok bool) {
	if len(b) < 21 || string(b[:8]) != acksMagic ||
		binary.LittleEndian.Uint32(b[17:]) != crc32.Update(1, castagnoli, b[:17]) {
		return 0, false, false
	}
	return binary.LittleEndian.Uint64(b[8:]), b[16] == 1, true
}
