package publisher

import "slices"

// maxUnseen bounds the statuses that are expected back. A broker sends them in order, so
// of more only the last ones matter.
const maxUnseen = 8

// Said is what became of the statuses that a stream has published.
type Said struct {
	Status string // the last one; "" is none
	Count  int    // all
	Acked  bool   // the broker has acknowledged the last one
	Unseen bool   // the last one has not come back
}

// statuses are those that a stream has published.
type statuses struct {
	last   string
	sent   int
	unseen []string // not come back, in order
}

// said enters a status before it is published. It gives back the identifier of the one
// that it replaces.
func (f *inflight) said(status string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.items, f.status)
	f.status = 0
	s := &f.statuses
	s.last = status
	s.sent++
	if len(s.unseen) == maxUnseen {
		s.unseen = slices.Delete(s.unseen, 0, 1)
	}
	s.unseen = append(s.unseen, status)
}

func (f *inflight) saidSoFar() Said {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.statuses
	return Said{Status: s.last, Count: s.sent, Acked: f.status == 0, Unseen: len(s.unseen) > 0}
}

// cameBack reports whether a status on the topic is one of those expected back. Those
// before it are lost: a broker keeps the order of one topic.
func (f *inflight) cameBack(status string) (ours bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.Index(f.statuses.unseen, status)
	if i >= 0 {
		f.statuses.unseen = slices.Delete(f.statuses.unseen, 0, i+1)
	}
	return i >= 0
}
