package spool

import (
	"slices"
	"sort"
)

// extent is what one segment holds of a queue: count records from first to last.
type extent struct {
	segment     *segment
	first, last uint64
	count       int
	bytes       int64
	at          int64 // time of the first record
}

// extents are a queue's records on disk that are not acknowledged, in order. All
// but the first extent are wholly unacknowledged.
type extents struct {
	list  []extent
	lines int
	bytes int64
}

// add appends e, which may continue the last extent.
func (x *extents) add(e extent) {
	x.lines += e.count
	x.bytes += e.bytes
	if n := len(x.list); n > 0 && x.list[n-1].segment == e.segment {
		last := &x.list[n-1]
		last.last, last.count, last.bytes = e.last, last.count+e.count, last.bytes+e.bytes
		return
	}
	e.segment.extents++
	x.list = append(x.list, e)
}

// last returns the seq of the newest record, 0 if there is none.
func (x *extents) last() uint64 {
	if len(x.list) == 0 {
		return 0
	}
	return x.list[len(x.list)-1].last
}

// acked returns how much of the first extent is acknowledged if everything up to
// seq is. The size of a single record is not known: the mean stands for it.
func (x *extents) acked(seq uint64) (lines int, bytes int64) {
	if len(x.list) == 0 || seq < x.list[0].first {
		return 0, 0
	}
	e := x.list[0]
	lines = int(min(seq-e.first+1, uint64(e.count)))
	return lines, e.bytes * int64(lines) / int64(e.count)
}

// find returns the first extent that ends at seq or after it.
func (x *extents) find(seq uint64) (e extent, ok bool) {
	i := sort.Search(len(x.list), func(i int) bool { return x.list[i].last >= seq })
	if i == len(x.list) {
		return extent{}, false
	}
	return x.list[i], true
}

// removeFirst removes the first extent and returns its segment.
func (x *extents) removeFirst() *segment {
	e := x.list[0]
	x.list = x.list[1:]
	x.remove(e)
	return e.segment
}

func (x *extents) remove(e extent) {
	x.lines -= e.count
	x.bytes -= e.bytes
	e.segment.extents--
}

// replace puts by in the place of the extents in old segments, unless all of it
// is acknowledged.
func (x *extents) replace(old []*segment, by extent, acked uint64) {
	var list []extent
	for _, e := range x.list {
		if !slices.Contains(old, e.segment) {
			list = append(list, e)
			continue
		}
		x.remove(e)
		if by.count > 0 && by.last > acked {
			list = append(list, by)
			x.lines += by.count
			x.bytes += by.bytes
			by.segment.extents++
			by.count = 0
		}
	}
	x.list = list
}
