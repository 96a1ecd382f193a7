//go:build unix

package serialbridge

import (
	"sync"

	"golang.org/x/sys/unix"
)

// save keeps the settings of the device for restore. The kernel keeps them from
// one open to the next, so they are what the last program has left.
func (l *portLock) save() {
	settings, err := unix.IoctlGetTermios(l.fd, getTermios)
	if err != nil {
		return // not a terminal
	}
	l.before = settings
	if clearedHangUps.has(l.fd) {
		l.before.Cflag |= unix.HUPCL
	}
}

// restore puts back what save has kept. It fails only on a device that is gone,
// whose settings the kernel forgets by itself.
func (l *portLock) restore() {
	if l.before == nil {
		return
	}
	now, err := unix.IoctlGetTermios(l.fd, getTermios)
	if err != nil {
		return
	}
	settings := restored(*l.before, *now, l.keepsHangUp)
	if unix.IoctlSetTermios(l.fd, setTermios, &settings) == nil {
		clearedHangUps.note(l.fd, l.before.Cflag&unix.HUPCL != 0 && settings.Cflag&unix.HUPCL == 0)
	}
}

// restored returns the settings to leave at the close: those from before, but
// the present rate instead of one that may be an order.
func restored(before, now unix.Termios, keepsHangUp bool) unix.Termios {
	if before.Ospeed < SlowestSafe {
		keepRate(&before, &now)
	}
	if keepsHangUp {
		before.Cflag = before.Cflag&^unix.HUPCL | now.Cflag&unix.HUPCL
	}
	return before
}

// keepHangUp makes restore leave HUPCL as it is.
func (l *portLock) keepHangUp() { l.keepsHangUp = true }

// clearedHangUps are the devices that a Port of this process left without HUPCL
// although they had it. The kernel keeps that for the next Port, which would
// take it for what another program wants.
var clearedHangUps hangUps

type hangUps struct {
	mu      sync.Mutex
	devices map[deviceNode]bool
}

// deviceNode identifies a device until it is unplugged.
type deviceNode struct{ dev, ino, rdev uint64 }

func nodeOf(fd int) (n deviceNode) {
	var stat unix.Stat_t
	_ = unix.Fstat(fd, &stat) // it works on any open descriptor
	return deviceNode{uint64(stat.Dev), uint64(stat.Ino), uint64(stat.Rdev)}
}

func (h *hangUps) has(fd int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.devices[nodeOf(fd)]
}

func (h *hangUps) note(fd int, cleared bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !cleared {
		delete(h.devices, nodeOf(fd))
		return
	}
	if h.devices == nil {
		h.devices = map[deviceNode]bool{}
	}
	h.devices[nodeOf(fd)] = true
}
