package atomicfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"sync"
)

// aside is the suffix of a file that the owner has not read: it is damaged, or it came
// later, with the disk that it is on. The newest one is kept.
const aside = ".unread"

// State is a small state file of one owner. A file that the owner has not read is set
// aside and never overwritten, and what cannot be written is kept until [State.Retry]. The
// log has each fault once. A State is safe for concurrent use.
type State struct {
	Name string
	Log  *slog.Logger

	// Unread and Unsaved say in the log what a fault costs.
	Unread, Unsaved string

	mu      sync.Mutex
	seen    []byte // what was read or written last; nil: none
	waiting bool   // wanted is not written
	wanted  []byte // nil: no file
	warned  bool   // that the file cannot be written
}

// Load reads the file and passes it to parse. It does nothing if there is no file. A file
// that parse does not accept is set aside.
func (s *State) Load(parse func(contents []byte) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	contents, err := disk.ReadFile(s.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	attrs := []any{}
	if err == nil {
		if err = parse(contents); err == nil {
			s.seen = contents
			return
		}
		if disk.Rename(s.Name, s.Name+aside) == nil {
			attrs = append(attrs, "kept", s.Name+aside)
		}
	}
	s.Log.Warn("cannot read "+s.base()+": "+s.Unread, append(attrs, "error", err)...)
}

// setAside renames the file if it is not the one that was read or written last; s.mu is
// held.
func (s *State) setAside() error {
	there, err := disk.ReadFile(s.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err == nil && (s.seen != nil && bytes.Equal(there, s.seen) || s.wanted != nil && bytes.Equal(there, s.wanted)):
		return nil
	}
	if err := disk.Rename(s.Name, s.Name+aside); err != nil {
		return err
	}
	s.Log.Warn("set "+s.base()+" aside, which was not read", "kept", s.Name+aside)
	return nil
}

func (s *State) base() string { return filepath.Base(s.Name) }

// SaveJSON replaces the file with value as indented JSON; see Save.
func (s *State) SaveJSON(value any) {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		s.Log.Error("cannot encode "+s.base(), "error", err)
		return
	}
	s.Save(append(text, '\n'))
}

// Save replaces the file, or removes it if contents is nil. If that fails, Retry tries it
// again.
func (s *State) Save(contents []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wanted, s.waiting = contents, true
	s.try()
}

// Retry tries again what failed. The owner calls it now and then.
func (s *State) Retry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting {
		s.try()
	}
}

func (s *State) try() {
	err := s.write()
	switch {
	case err != nil && !s.warned:
		s.Log.Warn("cannot save "+s.base()+": "+s.Unsaved, "error", err)
	case err == nil && s.warned:
		s.Log.Info("saved " + s.base())
	}
	s.warned = err != nil
	if err == nil {
		s.waiting, s.seen, s.wanted = false, s.wanted, nil
	}
}

func (s *State) write() error {
	if err := s.setAside(); err != nil {
		return err
	}
	if s.wanted != nil {
		return Replace(s.Name, s.wanted)
	}
	if err := disk.Remove(s.Name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
