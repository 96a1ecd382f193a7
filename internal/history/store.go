package history

import (
	"sync"
	"time"
)

// Store has the recorders of all devices.
type Store struct {
	start time.Time

	mu   sync.Mutex
	keep bool
	all  map[string]*Recorder
}

// NewStore begins at a time. Without keep the recorders count lines and keep no
// readings.
func NewStore(start time.Time, keep bool) *Store {
	return &Store{start: start, keep: keep, all: map[string]*Recorder{}}
}

// SetKeep has readings be kept from now on, or no more and those until now
// forgotten.
func (s *Store) SetKeep(keep bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep = keep
	for _, r := range s.all {
		r.setKeep(keep)
	}
}

// Device gives the recorder of a device, the same for as long as the device is
// not forgotten: its chart outlives a change of its configuration.
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

// Keep forgets all devices but these.
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
