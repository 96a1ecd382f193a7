//go:build unix

package serialbridge

import (
	"maps"
	"sync"
	"time"

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
	if ownDevices.clearedHangUp(l.fd) {
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
		cleared := l.before.Cflag&unix.HUPCL != 0 && settings.Cflag&unix.HUPCL == 0
		ownDevices.note(l.fd, traces{closed: time.Now(), clearedHangUps: cleared})
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

// leave releases a lock under which nothing was changed. Putting settings back
// could undo a change that another program has made meanwhile.
func (l *portLock) leave() error {
	l.before = nil
	return l.release()
}

// ownDevices are the devices that Ports of this process have closed. The kernel
// keeps what they left, and the next Port would take it for what another program
// has left.
var ownDevices deviceMemory

// ownWhile is how long after its close a device has no other new user: until then
// the lock and the exclusive mode kept other programs out.
const ownWhile = 5 * time.Second

type deviceMemory struct {
	mu      sync.Mutex
	devices map[deviceNode]traces
}

// deviceNode identifies a device until it is unplugged. A new pseudo-terminal may
// have the numbers of an old one.
type deviceNode struct {
	dev, ino, rdev uint64
	changed        unix.Timespec // reading and writing leave it
}

// traces are what this process has left on a device.
type traces struct {
	closed         time.Time
	clearedHangUps bool // it had HUPCL
}

func nodeOf(fd int) (n deviceNode) {
	var stat unix.Stat_t
	_ = unix.Fstat(fd, &stat) // it works on any open descriptor
	return deviceNode{uint64(stat.Dev), uint64(stat.Ino), uint64(stat.Rdev), stat.Ctim}
}

func (m *deviceMemory) clearedHangUp(fd int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.devices[nodeOf(fd)].clearedHangUps
}

func (m *deviceMemory) justClosed(fd int, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	left, known := m.devices[nodeOf(fd)]
	return known && now.Sub(left.closed) < ownWhile
}

// note remembers what is left on a device, and forgets others that leave no
// trace any more.
func (m *deviceMemory) note(fd int, left traces) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.devices, func(_ deviceNode, old traces) bool {
		return !old.clearedHangUps && left.closed.Sub(old.closed) >= ownWhile
	})
	if m.devices == nil {
		m.devices = map[deviceNode]traces{}
	}
	m.devices[nodeOf(fd)] = left
}
