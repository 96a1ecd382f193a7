package ports

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"arduino-gateway/internal/wake"
)

// Seat is the place of one device at the Watcher, for one after the other of
// its openings. It is not for concurrent use, except Changed, Hold and Leave.
type Seat struct {
	watcher *Watcher
	device  string
	value   string
	changed wake.Signal

	// Guarded by watcher.mu.
	has  string // the port that it took, behind all links; "" is none
	held string // the value whose port is held; "" is none
}

// Seat makes the place of a device, which errors name; value is its port: of
// devices.yaml, a path or a USB identity. It is woken from its first Find until
// its Release. What an earlier seat of the device holds is this one's now.
func (w *Watcher) Seat(device, value string) *Seat {
	s := &Seat{watcher: w, device: device, value: value, changed: wake.NewSignal()}
	w.mu.Lock()
	defer w.mu.Unlock()
	for before := range w.seats {
		if before.device == device && before.held != "" {
			s.has, s.held = before.has, before.held
			delete(w.seats, before)
			w.seats[s] = true
		}
	}
	return s
}

// Changed gives a value when it is worth asking Find again.
func (s *Seat) Changed() <-chan struct{} { return s.changed }

// Find gives the device's port as it is now, and takes it; only its Path and
// Chip are certain to be known. The error is fs.ErrNotExist while the board is
// away; *AmbiguousError, *TakenError and *NotReadyError say what is the matter.
func (s *Seat) Find() (Port, error) {
	all, err := s.watcher.machine.scan()
	port, real, err := s.locate(all, err)
	if err != nil {
		real = ""
	}
	if err := s.take(all, port, real); err != nil {
		return Port{}, err
	}
	return port, err
}

// locate finds the port among all, and the path behind all links; unlisted is why
// they could not be listed.
func (s *Seat) locate(all []Port, unlisted error) (port Port, real string, err error) {
	if unlisted != nil && isUSB(s.value) {
		return Port{}, "", unlisted
	}
	if unlisted != nil { // there is nothing to look up; and COM3 is no file, and works
		return Port{Path: s.value}, s.value, nil
	}
	if port, err = Resolve(s.value, all); err != nil {
		return Port{}, "", err
	}
	real, err = filepath.EvalSymlinks(port.Path)
	return port, real, err
}

// take gives the seat a port of all, instead of the one it had; "" is none.
func (s *Seat) take(all []Port, port Port, real string) error {
	w := s.watcher
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.has != "" && s.has != real {
		w.wakeOthers(s)
	}
	w.seats[s], s.has = true, ""
	if real == "" {
		return nil
	}
	for other := range w.seats {
		if other != s && other.claims(all, port, real) {
			return &TakenError{Path: real, Value: s.value, Owner: other.device, OwnerValue: cmp.Or(other.held, other.value), Held: other.held != ""}
		}
	}
	s.has = real
	return nil
}

// claims tells whether others may not have the port. A board that is held may come
// back under another path, as those do whose bootloader has a port of its own.
func (s *Seat) claims(all []Port, port Port, real string) bool {
	if s.held == "" {
		return s.has == real
	}
	there := func(p Port) bool { return p.meantBy(s.held) && p.meantBy(s.has) }
	return port.meantBy(s.held) && (s.has == real || !slices.ContainsFunc(all, there))
}

// Hold keeps the port from all others, whether or not the board is plugged in,
// until Hold(false), after which Find follows, or Leave. Release does not end it,
// and the device's next seat takes it over.
func (s *Seat) Hold(held bool) {
	s.watcher.mu.Lock()
	defer s.watcher.mu.Unlock()
	switch {
	case !held:
		s.held = ""
	case s.held == "":
		s.held = s.value
		s.watcher.seats[s] = true
	}
}

// Release gives up the port until the next Find, unless it is held, and wakes
// whoever wants it.
func (s *Seat) Release() {
	s.watcher.mu.Lock()
	defer s.watcher.mu.Unlock()
	if s.held == "" {
		s.leave()
	}
}

// Leave gives up the port for good.
func (s *Seat) Leave() {
	s.watcher.mu.Lock()
	defer s.watcher.mu.Unlock()
	s.leave()
}

func (s *Seat) leave() {
	if s.has != "" || s.held != "" {
		s.watcher.wakeOthers(s)
	}
	s.has, s.held = "", ""
	delete(s.watcher.seats, s)
}

// TakenError says that another device has the port.
type TakenError struct {
	Path, Value       string // of the device that asked
	Owner, OwnerValue string // the device that has it
	Held              bool   // by a pause of that device
}

func (e *TakenError) Error() string {
	place := e.Path + ", "
	if e.Path == e.Value {
		place = ""
	}
	paused := ""
	if e.Held {
		paused = ", which is paused"
	}
	return fmt.Sprintf("%s is %sthe port of device %q (port: %s)%s", e.Value, place, e.Owner, e.OwnerValue, paused)
}

// State says it in a word or two, after "port".
func (*TakenError) State() string { return "taken by another device" }

// Hint says what to do.
func (*TakenError) Hint() string {
	return "a port has one board: correct port of one of the two; gateway ports lists them"
}
