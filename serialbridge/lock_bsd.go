//go:build unix && !linux

package serialbridge

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// lookEvery is how long the library's read lasts, which cannot be interrupted.
const lookEvery = 250 * time.Millisecond

// maxDescriptor keeps well below select(2)'s 1024, where the library panics.
const maxDescriptor = 1000

const getTermios, setTermios = unix.TIOCGETA, unix.TIOCSETA

// newStream leaves the bytes to the library, whose select(2) works on every
// system's terminals, provided that it can wait for this port at all.
func newStream(port readWriter, lock *portLock) (stream, error) {
	if lock.fd >= maxDescriptor {
		return nil, fmt.Errorf("%w: descriptor %d, the limit is %d", errCrowded, lock.fd, maxDescriptor)
	}
	return libraryStream{port}, selectable(port)
}

// selectable finds out whether the library panics, because one of its own
// descriptors does not fit into select(2)'s set. The probe reads nothing and
// waits for nothing.
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

// ownerOf and otherOwner have no table of processes to look into.
func ownerOf(string) string    { return unknownOwner }
func otherOwner(string) string { return "" }

// closeOnExec has no list of descriptors to look into.
func (l *portLock) closeOnExec() {}
