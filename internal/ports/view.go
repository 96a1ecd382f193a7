package ports

import (
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	fresh   = 100 * time.Millisecond // how old a list of ports may be from which a port is opened
	trusted = 5 * time.Second        // how old a list may be that shows that a board is missing
)

// view is the one list of a machine's ports that all leases of a Tracker share. It is
// read again only if the machine may have changed, or if it is too old.
type view struct {
	machine Machine
	watch   atomic.Pointer[folderWatch] // nil: nothing reports changes, and each list is read
	frozen  bool                        // the first list stays
	changes atomic.Uint64               // how often /dev has changed

	mu      sync.Mutex
	last    *listing
	looked  time.Time // when names were last compared
	changed uint64    // the changes before last was read
}

// listing is what one scan of a machine returned.
type listing struct {
	ports []Port
	err   error
	begun time.Time
	names []string // in the folders of /sys that were scanned
}

// change tells the view that /dev has changed.
func (v *view) change() { v.changes.Add(1) }

// list returns the ports as they are now, if the machine reports a change. A change that
// it does not report, such as that of an attribute, shows after age. The caller may
// change the slice.
func (v *view) list(age time.Duration) ([]Port, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.current(time.Now(), age) {
		v.scan()
	}
	return slices.Clone(v.last.ports), v.last.err
}

// older reports whether the last list is older than age.
func (v *view) older(age time.Duration) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return time.Since(v.last.begun) >= age
}

// current reports whether the last list can serve. In a container that has nodes for
// boards that are not plugged in, nothing happens in /dev. Therefore the names in /sys
// are compared, too, which costs much less than a scan.
func (v *view) current(now time.Time, age time.Duration) bool {
	if v.last == nil || v.frozen {
		return v.last != nil
	}
	watch := v.watch.Load()
	if watch == nil || !watch.catchUp() || v.changes.Load() != v.changed || now.Sub(v.last.begun) >= age {
		return false
	}
	if now.Sub(v.looked) < fresh {
		return true
	}
	v.looked = now
	return slices.Equal(v.machine.names(), v.last.names)
}

// scan replaces the last list; v.mu is held. A change during the scan makes it old.
func (v *view) scan() {
	v.changed = v.changes.Load()
	now := time.Now()
	names := v.machine.names()
	all, err := v.machine.scan()
	v.last, v.looked = &listing{all, err, now, names}, now
}

// names returns the names of the terminals and USB devices of the machine.
func (m Machine) names() (all []string) {
	for _, folder := range []string{"sys/class/tty", "sys/bus/usb/devices"} {
		if dir, err := os.Open(m.path(folder)); err == nil {
			names, _ := dir.Readdirnames(-1)
			all = append(all, names...)
			_ = dir.Close()
		}
	}
	return all
}
