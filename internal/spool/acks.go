package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// The file of acknowledgements: a head, and twice the same table, written in
// turns, so that a torn write leaves the other one. A slot is the hash of a
// queue's name, the last acknowledged seq, and a checksum.
const (
	acksName  = "acks"
	acksMagic = "AGACKS\x00\x01"
	acksHead  = 4096
	slotSize  = 24
	slots     = 1024 // queues beyond have their watermark in the segments only
	tableSize = slots * slotSize
	acksSize  = acksHead + 2*tableSize

	ackPause = 5 * time.Millisecond  // between writes, where acknowledgements storm
	ackDelay = 50 * time.Millisecond // of the storm's last one
)

type ackFile struct {
	file  File // nil: there is none
	turn  int  // the table to write next
	table []byte
}

// ackLater sees to it that the acknowledgements are written: at once where the
// last write was a while ago, else with one of the next. s.mu is held.
func (s *Spool) ackLater() {
	now := time.Now()
	s.restLater(now)
	if now.Sub(s.ackedAt) >= ackPause {
		s.writeAcks(now)
	} else if s.ackAt.IsZero() {
		s.ackAt = now.Add(ackDelay)
		s.due(s.ackAt)
	}
}

// writeAcks writes every queue's watermark; s.mu is held.
func (s *Spool) writeAcks(now time.Time) {
	s.ackedAt, s.ackAt = now, time.Time{}
	if s.acks.file == nil {
		return
	}
	b := s.acks.table[:0]
	for _, q := range s.order[:min(len(s.order), slots)] {
		b = appendSlot(b, q.hash, q.acked)
	}
	s.acks.table = b
	if _, err := s.acks.file.WriteAt(b, int64(acksHead+s.acks.turn*tableSize)); err != nil {
		s.closeAcks()
		s.fail(err)
		return
	}
	s.acks.turn = 1 - s.acks.turn
	s.counts.AckWrites++
}

func (s *Spool) closeAcks() {
	if s.acks.file != nil {
		_ = s.acks.file.Close()
		s.acks.file = nil
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

// readAcks takes the higher of each queue's two watermarks. Fresh is false for
// a file that an earlier uptime of the machine left without closing it: its
// last seconds may be missing.
func (s *Spool) readAcks(b []byte) (fresh bool) {
	for from := acksHead; from+slotSize <= min(len(b), acksSize); from += slotSize {
		if hash, acked, ok := decodeSlot(b[from:]); ok {
			q := s.queue(hash)
			q.acked = max(q.acked, acked)
		}
	}
	boot, clean, ok := decodeAcksHead(b)
	return !ok || clean || s.FS.Boot() == "" || boot == hashOf(s.FS.Boot())
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

// openAcks makes the file ready, whole and in place from the first moment:
// a full disk must not keep acknowledgements from being written. s.mu is held.
func (s *Spool) openAcks(old []byte) error {
	s.closeAcks()
	var err error
	var f File
	if len(old) == acksSize {
		f, err = s.FS.Open(s.path(acksName))
	} else {
		f, err = s.FS.Create(s.path(acksName))
	}
	if err != nil {
		return err
	}
	s.acks.file, s.dirNew = f, true
	b := appendAcksHead(nil, hashOf(s.FS.Boot()), false)
	if len(old) != acksSize {
		b = append(b, make([]byte, acksSize-len(b))...)
	}
	if _, err = f.WriteAt(b, 0); err == nil {
		err = f.Sync()
		s.counts.Syncs++
	}
	if err != nil {
		s.closeAcks()
		return err
	}
	s.writeAcks(time.Now())
	return nil
}

// endAcks says that nothing is missing: the next run goes on with the next seq.
func (s *Spool) endAcks() error {
	if s.acks.file == nil {
		return nil
	}
	s.writeAcks(time.Now())
	if s.acks.file == nil {
		return nil
	}
	if err := s.acks.file.Sync(); err != nil {
		return err
	}
	s.counts.Syncs += 2
	if _, err := s.acks.file.WriteAt(appendAcksHead(nil, hashOf(s.FS.Boot()), true), 0); err != nil {
		return err
	}
	return s.acks.file.Sync()
}
