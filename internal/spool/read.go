package spool

import (
	"encoding/binary"
	"errors"
	"io/fs"
	"sort"
	"time"
)

const (
	pagesKept = 3        // segments that all readers share
	aheadMost = 16 << 10 // bytes read back for one queue at a time
)

var errMissing = errors.New("its records are not where they were written")

// page is a segment in memory, with where each queue's records are in it.
type page struct {
	segment *segment
	data    []byte
	at      map[uint64][]uint32
}

// readAhead reads the part's records from next on. It gives up s.mu meanwhile.
// What can't be read, though it should be there, is passed over and counted.
func (q *Queue) readAhead(p part) {
	s, from := q.s, q.next
	s.mu.Unlock()
	list, err := s.readPart(q.hash, p, from)
	s.mu.Lock()
	if len(list) > 0 {
		q.ahead = list
		return
	}
	if err != nil && !errors.Is(err, errMissing) && !errors.Is(err, fs.ErrNotExist) {
		q.readLater(err)
		return
	}
	for _, still := range q.parts {
		if still.segment == p.segment && still.last >= from && q.acked < p.last {
			q.next = p.last + 1
			s.counts.Damaged++
			s.Log.Error("lines of the spool cannot be read back and are passed over", "device", q.name,
				"file", segmentName(p.segment.number), "from", from, "to", p.last, "error", err)
			return
		}
	}
}

// readLater keeps the place: what failed may be a want of descriptors, and the
// lines are still there. s.mu is held.
func (q *Queue) readLater(err error) {
	q.retry = time.Now().Add(retryEvery)
	time.AfterFunc(retryEvery, func() { q.ready.Set() })
	q.s.Log.Warn("the spool cannot be read now", "device", q.name, "error", err, "retry_in", retryEvery)
}

func (s *Spool) readPart(queue uint64, p part, from uint64) ([]held, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	g, err := s.page(queue, p)
	if err != nil {
		return nil, err
	}
	at := g.at[queue]
	i := sort.Search(len(at), func(i int) bool { return g.seq(at[i]) >= from })
	last := sort.Search(len(at), func(i int) bool { return g.seq(at[i]) > p.last })
	if i == last {
		return nil, errMissing
	}
	return g.copy(at[i:last]), nil
}

func (g *page) seq(at uint32) uint64 { return binary.LittleEndian.Uint64(g.data[at+16:]) }

// copy gives the records their own memory, so that the page can go.
func (g *page) copy(at []uint32) []held {
	list := make([]held, 0, min(len(at), aheadMost/headSize))
	block := make([]byte, 0, aheadMost)
	for _, at := range at {
		b := g.data[at:]
		data := b[headSize : headSize+int(binary.LittleEndian.Uint16(b[2:]))]
		if len(list) > 0 && len(block)+len(data) > cap(block) || len(list) == cap(list) {
			break
		}
		from := len(block)
		block = append(block, data...)
		list = append(list, held{
			seq:  binary.LittleEndian.Uint64(b[16:]),
			at:   int64(binary.LittleEndian.Uint64(b[24:])),
			data: block[from:len(block):len(block)],
		})
	}
	return list
}

// page finds the segment in memory or reads it. One that was read before the
// part's end was written is read again.
func (s *Spool) page(queue uint64, p part) (*page, error) {
	for i, g := range s.pages {
		if g.segment != p.segment {
			continue
		}
		s.pages = append(s.pages[:i], s.pages[i+1:]...)
		if at := g.at[queue]; len(at) > 0 && g.seq(at[len(at)-1]) >= p.last {
			s.pages = append(s.pages, g)
			return g, nil
		}
		break
	}
	g, err := s.readPage(p.segment)
	if err != nil {
		return nil, err
	}
	if len(s.pages) == pagesKept {
		s.pages = append(s.pages[:0], s.pages[1:]...)
	}
	s.pages = append(s.pages, g)
	return g, nil
}

func (s *Spool) readPage(g *segment) (*page, error) {
	b, err := s.FS.ReadFile(s.path(segmentName(g.number)))
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
