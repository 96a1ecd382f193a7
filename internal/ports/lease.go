package ports

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"arduino-gateway/internal/wake"
)

// Lease is one device's right to a port, over all its openings: no other lease
// of the same Tracker gets that port. It is not safe for concurrent use, except
// Changed, Hold and Close.
type Lease struct {
	tracker *Tracker
	device  string
	value   string
	changed wake.Signal

	// Guarded by tracker.mu.
	has  string // the leased port, with all links resolved; "": none
	held string // the port: value that Hold keeps; "": none
}

// Lease returns a lease for a device. device is its name in errors; value is its
// port: of devices.yaml, a path or a USB identity. The lease is woken from its
// first Find until its Release. It takes over what an earlier lease of the same
// device holds.
func (t *Tracker) Lease(device, value string) *Lease {
	l := &Lease{tracker: t, device: device, value: value, changed: wake.NewSignal()}
	t.mu.Lock()
	defer t.mu.Unlock()
	for before := range t.leases {
		if before.device == device && before.held != "" {
			l.has, l.held = before.has, before.held
			delete(t.leases, before)
			t.leases[l] = true
		}
	}
	return l
}

// Changed returns a channel that is signalled when Find may return something else.
func (l *Lease) Changed() <-chan struct{} { return l.changed }

// Find returns the device's port as it is now, and leases it. Only its Path and
// Chip are certain to be known. The error is fs.ErrNotExist while the board is
// unplugged, or an *AmbiguousError, *TakenError or *NotReadyError.
func (l *Lease) Find() (Port, error) {
	all, unlisted := l.tracker.view.list(trusted)
	port, real, err := l.locate(all, unlisted)
	if !errors.Is(err, fs.ErrNotExist) && l.tracker.view.older(fresh) { // a port is opened only if it is there now
		all, unlisted = l.tracker.view.list(fresh)
		port, real, err = l.locate(all, unlisted)
	}
	if err != nil {
		real = ""
	}
	if err := l.take(all, port, real); err != nil {
		return Port{}, err
	}
	return port, err
}

// USBNode is Machine.USBNode for a port that Find returned.
func (l *Lease) USBNode(p Port) string { return l.tracker.machine.USBNode(p) }

// locate finds the port among all, and its path with all links resolved; unlisted
// is the error that kept them from being listed.
func (l *Lease) locate(all []Port, unlisted error) (port Port, real string, err error) {
	if unlisted != nil && isUSB(l.value) {
		return Port{}, "", unlisted
	}
	if unlisted != nil { // nothing can be looked up; COM3 is not a file, yet it works
		return Port{Path: l.value}, l.value, nil
	}
	if port, err = Resolve(l.value, all); err != nil {
		return Port{}, "", err
	}
	real, err = filepath.EvalSymlinks(port.Path)
	return port, real, err
}

// take leases a port of all in place of the previous one; an empty real leases none.
func (l *Lease) take(all []Port, port Port, real string) error {
	t := l.tracker
	t.mu.Lock()
	defer t.mu.Unlock()
	if l.has != "" && l.has != real {
		t.wakeOthers(l)
	}
	t.leases[l], l.has = true, ""
	if real == "" {
		return nil
	}
	for other := range t.leases {
		if other != l && other.claims(all, port, real) {
			return &TakenError{Path: real, Value: l.value, Owner: other.device, OwnerValue: cmp.Or(other.held, other.value), Held: other.held != ""}
		}
	}
	l.has = real
	return nil
}

// claims reports whether the lease keeps the port from others. A held board may
// come back under another path: some bootloaders have a port of their own.
func (l *Lease) claims(all []Port, port Port, real string) bool {
	if l.held == "" {
		return l.has == real
	}
	present := func(p Port) bool { return p.meantBy(l.held) && p.meantBy(l.has) }
	return port.meantBy(l.held) && (l.has == real || !slices.ContainsFunc(all, present))
}

// Hold keeps the port from all others, even while the board is unplugged, until
// Hold(false) and the Find after it, or until Close. Release does not end it, and
// the device's next lease takes it over.
func (l *Lease) Hold(held bool) {
	l.tracker.mu.Lock()
	defer l.tracker.mu.Unlock()
	switch {
	case !held:
		l.held = ""
	case l.held == "":
		l.held = l.value
		l.tracker.leases[l] = true
	}
}

// Release gives the port back until the next Find, unless it is held, and wakes
// the leases that wait for it.
func (l *Lease) Release() {
	l.tracker.mu.Lock()
	defer l.tracker.mu.Unlock()
	if l.held == "" {
		l.end()
	}
}

// Close ends the lease for ever, whether it has a port at the moment or not.
func (l *Lease) Close() {
	l.tracker.mu.Lock()
	defer l.tracker.mu.Unlock()
	l.end()
}

func (l *Lease) end() {
	if l.has != "" || l.held != "" {
		l.tracker.wakeOthers(l)
	}
	l.has, l.held = "", ""
	delete(l.tracker.leases, l)
}

// TakenError reports that another device has the port.
type TakenError struct {
	Path, Value       string // of the device that asked
	Owner, OwnerValue string // the device that has the port
	Held              bool   // because that device is paused
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

// State describes the port in a few words, to stand after "port".
func (*TakenError) State() string { return "taken by another device" }

// Hint returns the remedy.
func (*TakenError) Hint() string {
	return "two devices cannot share a port: change port of one of them; gateway ports lists them"
}
