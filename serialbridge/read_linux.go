package serialbridge

import (
	"errors"
	"time"

	"arduino-gateway/internal/rawio"
)

// lookEvery is how long a read lasts that nobody interrupts. Each end of one
// wakes the process, so it is long.
const lookEvery = time.Second

// newReader reads the port through the lock's descriptor, which is non-blocking
// and therefore waited for by the runtime's poller. The library has opened and
// configured the device; both descriptors are the same port.
//
// The library's Read waits in select(2), where each port costs a thread and
// each line makes the scheduler give a processor away and take it back.
// Measured with 32 boards of 50 lines a second: 75 to 100 µs of CPU a line
// there, 29 to 38 µs here. Besides, select(2) ends at descriptor 1023, and the
// poller does not.
func newReader(_ reader, lock *portLock) (reader, error) {
	conn, err := rawio.New(lock.file)
	if err != nil {
		return nil, err
	}
	return &pollReader{source: lock.file, conn: conn, ended: hungUp}, nil
}

// hungUp is what a terminal says when its device is gone.
func hungUp() error { return errors.New("hung up") }
