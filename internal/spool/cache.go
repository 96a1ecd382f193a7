package spool

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"sort"
	"sync"
	"time"
)

const (
	maxPages    = 3        // segments in memory
	maxReadBack = 16 << 10 // bytes that a queue reads back at a time
)

var errMissing = errors.New("records missing from their segment")

// segmentCache reads segments back from disk, each for all queues together. It
// may be used without Spool.mu.
type segmentCache struct {
	readFile func(number uint64) ([]byte, error)

	mu    sync.Mutex
	pages []*page // the least recently used first
}

// page is a segment in memory, and where each queue's records are in it.
type page struct {
	segment *segment
	data    []byte
	at      map[uint64][]uint32
}

// read returns records of the extent from seq on, at least one.
func (c *segmentCache) read(queue uint64, e extent, from uint64) ([]memRecord, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	p, err := c.page(queue, e)
	if err != nil {
		return nil, err
	}
	at := p.at[queue]
	i := sort.Search(len(at), func(i int) bool { return p.seq(at[i]) >= from })
	last := sort.Search(len(at), func(i int) bool { return p.seq(at[i]) > e.last })
	if i == last {
		return nil, errMissing
	}
	return p.copy(at[i:last]), nil
}

// page returns the extent's segment. One that was read before the extent's end
// was written is read again.
func (c *segmentCache) page(queue uint64, e extent) (*page, error) {
	for i, p := range c.pages {
		if p.segment != e.segment {
			continue
		}
		c.pages = append(c.pages[:i], c.pages[i+1:]...)
		if at := p.at[queue]; len(at) > 0 && p.seq(at[len(at)-1]) >= e.last {
			c.pages = append(c.pages, p)
			return p, nil
		}
		break
	}
	p, err := c.readPage(e.segment)
	if err != nil {
		return nil, err
	}
	if len(c.pages) == maxPages {
		c.pages = append(c.pages[:0], c.pages[1:]...)
	}
	c.pages = append(c.pages, p)
	return p, nil
}

func (c *segmentCache) readPage(g *segment) (*page, error) {
	b, err := c.readFile(g.number)
	if err != nil {
		return nil, err
	}
	p := &page{segment: g, data: b, at: map[uint64][]uint32{}}
	last := map[uint64]uint64{}
	scan(b, salt(g.number), 0, func(at int, e entry) {
		if e.kind == kindLine && e.seq > last[e.queue] {
			p.at[e.queue] = append(p.at[e.queue], uint32(at))
			last[e.queue] = e.seq
		}
	})
	return p, nil
}

func (p *page) seq(at uint32) uint64 { return binary.LittleEndian.Uint64(p.data[at+16:]) }

// copy gives the records memory of their own, so that the page can be freed.
func (p *page) copy(at []uint32) []memRecord {
	list := make([]memRecord, 0, min(len(at), maxReadBack/headSize))
	block := make([]byte, 0, maxReadBack)
	for _, at := range at {
		b := p.data[at:]
		data := b[headSize : headSize+int(binary.LittleEndian.Uint16(b[2:]))]
		if len(list) > 0 && len(block)+len(data) > cap(block) || len(list) == cap(list) {
			break
		}
		from := len(block)
		block = append(block, data...)
		list = append(list, memRecord{
			seq:  binary.LittleEndian.Uint64(b[16:]),
			at:   int64(binary.LittleEndian.Uint64(b[24:])),
			data: block[from:len(block):len(block)],
		})
	}
	return list
}

// readBack reads the extent's records from q.next on. It unlocks s.mu while it
// reads. Records that should be there and cannot be read are skipped and counted.
func (q *Queue) readBack(e extent) {
	s, from := q.s, q.next
	s.mu.Unlock()
	list, err := s.cache.read(q.hash, e, from)
	s.mu.Lock()
	if len(list) > 0 {
		q.ahead = list
		return
	}
	if err != nil && !errors.Is(err, errMissing) && !errors.Is(err, fs.ErrNotExist) {
		q.readLater(err)
		return
	}
	for _, still := range q.disk.list {
		if still.segment == e.segment && still.last >= from && q.acked < e.last {
			q.next = e.last + 1
			s.damage.stretches++
			s.opts.Log.Error("lines skipped: cannot read them from the spool", "device", q.name,
				"file", segmentName(e.segment.number), "from", from, "to", e.last, "error", err)
			return
		}
	}
}

// readLater keeps the place: the failure may be a lack of file descriptors, and
// the records are still there. s.mu is held.
func (q *Queue) readLater(err error) {
	q.retry = time.Now().Add(retryEvery)
	time.AfterFunc(retryEvery, func() { q.ready.Set() })
	q.s.opts.Log.Warn("cannot read the spool", "device", q.name, "error", err, "retry_in", retryEvery)
}
