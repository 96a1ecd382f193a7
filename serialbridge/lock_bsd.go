//go:build unix && !linux

package serialbridge

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// defaultPoll is how long a read of the library lasts, which cannot be
// interrupted.
const defaultPoll = 250 * time.Millisecond

// maxDescriptor stays well below the 1024 of select(2), where the library
// panics.
const maxDescriptor = 1000

const getTermios, setTermios = unix.TIOCGETA, unix.TIOCSETA

// keepRate gives the settings the rates of others.
func keepRate(to, from *unix.Termios) { to.Ispeed, to.Ospeed = from.Ispeed, from.Ospeed }

// newStream leaves the bytes to the library: its select(2) works on the
// terminals of every system, if it can wait for this port at all.
func newStream(port readWriter, lock *portLock) (stream, error) {
	if lock.fd >= maxDescriptor {
		return nil, fmt.Errorf("%w: descriptor %d, the limit is %d", errCrowded, lock.fd, maxDescriptor)
	}
	return libraryStream{port}, selectable(port)
}

// selectable reports whether the library can wait for the port. It panics if one
// of its own descriptors does not fit into the set of select(2). The probe reads
// nothing and waits for nothing.
func selectable(port reader) (err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w: a descriptor above 1023", errCrowded)
		}
	}()
	if err := port.SetReadTimeout(0); err != nil {
		return err
	}
	port.Read(nil)
	return nil
}

// ownerOf and otherOwner know nothing: there is no table of processes to read.
func ownerOf(string) string                                { return unknownOwner }
func otherOwner(context.Context, string, time.Time) string { return "" }

// closeOnExec does nothing: there is no list of descriptors to read.
func (l *portLock) closeOnExec(int) {}
func (l *portLock) lowestFree() int { return 0 }

// checkRoom leaves it to the open to find out.
func checkRoom() error { return nil }

// claim writes no lock file.
func (l *portLock) claim(string) error { return nil }

// unlikeNew reports nothing: which settings a new port has is known on Linux.
func (l *portLock) unlikeNew() bool { return false }
