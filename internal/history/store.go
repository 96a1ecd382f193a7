package history

import (
	"sync"
	"time"
)

// Store holds the recorders of all devices.
type Store struct {
	start time.Time

	mu   sync.Mutex
	keep bool
	all  map[string]*Recorder
}

// NewStore returns a store that begins at start. Without keep the recorders only count
// lines.
func NewStore(start time.Time, keep bool) *Store {
	return &Store{start: start, keep: keep, all: map[string]*Recorder{}}
}

// SetKeep sets whether recorders keep readings and lines. If not, the present ones are
// removed.
func (s *Store) SetKeep(keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep = keep
	for _, r := range s.all {
		r.setKeep(keep)
	}
}

// Device returns the recorder of a device. It stays the same until Retain removes it, so
// that a chart survives a change of the configuration.
func (s *Store) Device(id string) *Recorder {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.all[id]
	if r == nil {
		r = &Recorder{start: s.start}
		r.setKeep(s.keep)
		s.all[id] = r
	}
	return r
}

// Retain removes all devices but these.
func (s *Store) Retain(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make(map[string]*Recorder, len(ids))
	for _, id := range ids {
		if r := s.all[id]; r != nil {
			kept[id] = r
		}
	}
	s.all = kept
}
