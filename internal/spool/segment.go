package spool

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"arduino-gateway/internal/stagedfs"
)

const (
	segmentMagic  = "AGSPOOL"
	segmentFormat = 1
	segmentHead   = 16 // magic, format, number
	segmentSuffix = ".seg"
	tempSuffix    = ".new" // of a segment that is not complete yet
)

// segment is one file of the log. Only the current one is written to.
type segment struct {
	number  uint64
	size    int64
	extents int           // queues with unacknowledged records in it
	file    stagedfs.File // nil: closed, and durable
	stuck   bool          // a compaction failed, or gained nothing
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

// parseSegmentHead returns the format's version; ok is false if b does not begin
// with the head of the segment with this number.
func parseSegmentHead(b []byte, number uint64) (format byte, ok bool) {
	if len(b) < segmentHead || string(b[:7]) != segmentMagic || binary.LittleEndian.Uint64(b[8:]) != number {
		return 0, false
	}
	return b[7], true
}
