package serialbridge

import (
	"errors"
	"time"

	"arduino-gateway/internal/rawio"
)

// lookEvery is how long a read lasts that nobody interrupts. Each end of one
// wakes the process, so it is long.
const lookEvery = time.Second

// newStream reads and writes the port through the lock's descriptor, which is
// non-blocking and therefore waited for by the runtime's poller. The library has
// opened and configured the device; both descriptors are the same port.
//
// The library's Read waits in select(2), where each port costs a thread and
// each line makes the scheduler give a processor away and take it back.
// Measured with 32 boards of 50 lines a second: 75 to 100 µs of CPU a line
// there, 29 to 38 µs here. Besides, select(2) ends at descriptor 1023, and the
// poller does not. The library's Write blocks in the kernel, and nothing but
// tricks would free it.
func newStream(_ readWriter, lock *portLock) (stream, error) {
	conn, err := rawio.New(lock.file)
	if err != nil {
		return nil, err
	}
	return &polledStream{pollReader{source: lock.file, conn: conn, ended: hungUp}, lock}, nil
}

// polledStream is the port through the lock's descriptor.
type polledStream struct {
	pollReader
	lock *portLock
}

func (p *polledStream) Write(b []byte) (int, error) { return p.conn.Write(b) }

func (p *polledStream) freeWriter() { _ = p.lock.file.SetWriteDeadline(time.Unix(1, 0)) }

// hungUp is what a terminal says when its device is gone.
func hungUp() error { return errors.New("hung up") }
