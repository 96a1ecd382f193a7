package ports

import (
	"fmt"
	"path/filepath"
)

// Seat is the place of one device at the Watcher, for one after the other of
// its openings. It is not for concurrent use, except Changed.
type Seat struct {
	watcher *Watcher
	device  string
	value   string
	changed chan struct{}
	has     string // the port that it took, behind all links; "" is none; guarded by watcher.mu
}

// Seat makes the place of a device, which errors name; value is its port: of
// devices.yaml, a path or a USB identity. It is woken from its first Find until
// its Release.
func (w *Watcher) Seat(device, value string) *Seat {
	return &Seat{watcher: w, device: device, value: value, changed: make(chan struct{}, 1)}
}

// Changed gives a value when it is worth asking Find again.
func (s *Seat) Changed() <-chan struct{} { return s.changed }

// Find gives the device's port as it is now, and takes it; only its Path and
// Chip are certain to be known. The error is fs.ErrNotExist while the board is
// away; *AmbiguousError, *TakenError and *NotReadyError say what is the matter.
func (s *Seat) Find() (Port, error) {
	port, real, err := s.locate()
	if err != nil {
		real = ""
	}
	if err := s.take(real); err != nil {
		return Port{}, err
	}
	return port, err
}

// locate finds the port, and the path behind all links.
func (s *Seat) locate() (port Port, real string, err error) {
	all, err := s.watcher.machine.scan()
	if err != nil && isUSB(s.value) {
		return Port{}, "", err
	}
	if err != nil { // there is nothing to look up; and COM3 is no file, and works
		return Port{Path: s.value}, s.value, nil
	}
	if port, err = Resolve(s.value, all); err != nil {
		return Port{}, "", err
	}
	real, err = filepath.EvalSymlinks(port.Path)
	return port, real, err
}

// take gives the seat the port, instead of the one it had; "" is none.
func (s *Seat) take(real string) error {
	w := s.watcher
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seats[s], s.has = true, ""
	if real == "" {
		return nil
	}
	for other := range w.seats {
		if other.has == real {
			return &TakenError{Path: real, Value: s.value, Owner: other.device, OwnerValue: other.value}
		}
	}
	s.has = real
	return nil
}

// Release gives up the port until the next Find, and wakes whoever wants it.
func (s *Seat) Release() {
	_ = s.take("") // to take nothing cannot fail
	s.watcher.mu.Lock()
	delete(s.watcher.seats, s)
	s.watcher.mu.Unlock()
	s.watcher.wake()
}

// TakenError says that another device has the port.
type TakenError struct {
	Path, Value       string // of the device that asked
	Owner, OwnerValue string // the device that has it
}

func (e *TakenError) Error() string {
	place := e.Path + ", "
	if e.Path == e.Value {
		place = ""
	}
	return fmt.Sprintf("%s is %sthe port of device %q (port: %s)", e.Value, place, e.Owner, e.OwnerValue)
}

// State says it in a word or two, after "port".
func (*TakenError) State() string { return "taken by another device" }

// Hint says what to do.
func (*TakenError) Hint() string {
	return "a port has one board: correct port of one of the two; gateway ports lists them"
}
