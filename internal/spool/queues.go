package spool

// queueSet holds all queues of a spool. Spool.mu guards it.
type queueSet struct {
	byHash  map[uint64]*Queue // by the hash of their names
	order   []*Queue          // as they were made; the index is the slot in the file acks
	waiting int64             // bytes of all queues that are in memory only
	floor   uint64            // no seq is above it, unless the disk has failed; see promise
}

// highest returns the highest seq that may have been assigned.
func (set *queueSet) highest() uint64 {
	highest := set.floor
	for _, q := range set.order {
		highest = max(highest, q.seq)
	}
	return highest
}

// lines returns how many records are not acknowledged.
func (set *queueSet) lines() (n int) {
	for _, q := range set.order {
		n += q.lines()
	}
	return n
}

// unstored returns how many records are not on disk.
func (set *queueSet) unstored() (n int) {
	for _, q := range set.order {
		n += q.unstored
	}
	return n
}

// mostInMemory returns the queue with the most bytes that are in memory only.
func (set *queueSet) mostInMemory() *Queue {
	most := set.order[0]
	for _, q := range set.order {
		if q.waiting > most.waiting {
			most = q
		}
	}
	return most
}

// mostOnDisk returns the queue with the most unacknowledged bytes on disk, nil
// if there are none.
func (set *queueSet) mostOnDisk() (most *Queue) {
	bytes := int64(0)
	for _, q := range set.order {
		if live := q.bytesOnDisk(); live > bytes {
			most, bytes = q, live
		}
	}
	return most
}

// ackedSinceLogged reports whether an acknowledgement is not in the log yet.
func (set *queueSet) ackedSinceLogged() bool {
	for _, q := range set.order {
		if q.loggedAck != q.acked {
			return true
		}
	}
	return false
}

// acksLogged notes that a new segment holds every acknowledgement.
func (set *queueSet) acksLogged() {
	for _, q := range set.order {
		q.loggedAck = q.acked
	}
}

// appendFloor appends the record of the floor.
func (set *queueSet) appendFloor(b []byte, number uint64) []byte {
	return appendEntry(b, salt(number), entry{kindName, floorHash, 0, int64(set.floor), nil})
}

// appendNames appends the name record of every queue for the segment with this
// number.
func (set *queueSet) appendNames(b []byte, number uint64) []byte {
	b = set.appendFloor(b, number)
	for _, q := range set.order {
		b = q.appendName(b, salt(number))
	}
	return b
}

// onDisk returns the last seq on disk of each queue.
func (set *queueSet) onDisk() []uint64 {
	last := make([]uint64, len(set.order))
	for i, q := range set.order {
		last[i] = q.disk.last()
	}
	return last
}

// markSynced notes that the records up to these are durable.
func (set *queueSet) markSynced(last []uint64) {
	for i, seq := range last {
		set.order[i].synced = seq
	}
}

// liveBytes returns the unacknowledged bytes of each segment, and their sum.
func (set *queueSet) liveBytes() (live map[*segment]int64, total int64) {
	live = map[*segment]int64{}
	for _, q := range set.order {
		for i, e := range q.disk.list {
			bytes := e.bytes
			if i == 0 {
				_, acked := q.disk.acked(q.acked)
				bytes -= acked
			}
			live[e.segment] += bytes
			total += bytes
		}
	}
	return live, total
}
