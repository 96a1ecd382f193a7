package spool

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"hash/fnv"
	"math"
	"time"
)

// MaxData is the most bytes a record may carry.
const MaxData = 1<<16 - 1

const (
	headSize = 32 // of every record
	mark     = 0xD5
	kindLine = 'd' // a record of a queue
	kindName = 'n' // a queue's name and its last seqs
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// entry is a record as it is in a segment. In a kindName, seq is the last one
// acknowledged, at is the last seq assigned, and data is the queue's name.
type entry struct {
	kind  byte
	queue uint64 // hash of the queue's name
	seq   uint64
	at    int64
	data  []byte
}

// size returns the bytes that the entry takes in a segment.
func (e entry) size() int64 { return int64(headSize + len(e.data)) }

// noTime stands for the zero time.Time, which has no Unix nanoseconds.
const noTime = math.MinInt64

func stamp(at time.Time) int64 {
	if at.IsZero() {
		return noTime
	}
	return at.UnixNano()
}

func unstamp(ns int64) time.Time {
	if ns == noTime {
		return time.Time{}
	}
	return time.Unix(0, ns)
}

func hashOf(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()
}

// salt makes a record valid in its own segment only: after a power cut, blocks of
// a deleted file are not taken for records.
func salt(number uint64) uint32 {
	return uint32(number)*0x9E3779B1 ^ uint32(number>>32)
}

// sum returns the checksum of everything but itself: the bytes before it go into
// its start value.
func sum(b []byte, salt uint32) uint32 {
	start := salt ^ binary.LittleEndian.Uint32(b)
	return crc32.Update(start, castagnoli, b[8:])
}

func appendEntry(b []byte, salt uint32, e entry) []byte {
	from := len(b)
	b = append(b, mark, e.kind)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(e.data)))
	b = append(b, 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint64(b, e.queue)
	b = binary.LittleEndian.AppendUint64(b, e.seq)
	b = binary.LittleEndian.AppendUint64(b, uint64(e.at))
	b = append(b, e.data...)
	binary.LittleEndian.PutUint32(b[from+4:], sum(b[from:], salt))
	return b
}

// decode reads the record at the start of b; its data is part of b. The size is 0
// if there is no valid record.
func decode(b []byte, salt uint32) (e entry, size int) {
	if len(b) < headSize || b[0] != mark || (b[1] != kindLine && b[1] != kindName) {
		return entry{}, 0
	}
	size = headSize + int(binary.LittleEndian.Uint16(b[2:]))
	if len(b) < size || sum(b[:size], salt) != binary.LittleEndian.Uint32(b[4:]) {
		return entry{}, 0
	}
	return entry{
		kind:  b[1],
		queue: binary.LittleEndian.Uint64(b[8:]),
		seq:   binary.LittleEndian.Uint64(b[16:]),
		at:    int64(binary.LittleEndian.Uint64(b[24:])),
		data:  b[headSize:size:size],
	}, size
}

// damage counts the stretches of bytes that held no valid record.
type damage struct {
	stretches uint64
	bytes     int64
}

func (d *damage) add(more damage) {
	d.stretches += more.stretches
	d.bytes += more.bytes
}

// scan calls each for every valid record in a segment, in order, and skips the bytes
// between them. end is the end of the last valid record.
func scan(b []byte, salt uint32, from int, each func(at int, e entry)) (bad damage, end int) {
	end = from
	for at := from; at < len(b); {
		e, size := decode(b[at:], salt)
		if size == 0 {
			skip := bytes.IndexByte(b[at+1:], mark)
			if skip < 0 {
				break
			}
			at += 1 + skip
			continue
		}
		if at > end {
			bad.add(damage{1, int64(at - end)})
		}
		each(at, e)
		at += size
		end = at
	}
	return bad, end
}
