package serialbridge

import (
	"errors"
	"time"

	"arduino-gateway/internal/rawio"
)

// defaultPoll is how long a read lasts if nothing interrupts it. It is long,
// since each end of a read wakes the process.
const defaultPoll = time.Second

// newStream reads and writes the port through the descriptor of the lock. It is
// non-blocking, so the runtime's poller waits for it. The library has opened and
// configured the device; both descriptors are the same port.
//
// The Read of the library waits in select(2), where each port costs a thread and
// each line makes the scheduler release a processor and take it back. Measured
// with 32 boards of 50 lines a second: 75 to 100 µs of CPU a line there, 29 to
// 38 µs here. select(2) also ends at descriptor 1023, and the poller does not.
// The Write of the library blocks in the kernel, and only tricks would free it.
func newStream(_ readWriter, lock *portLock) (stream, error) {
	conn, err := rawio.New(lock.file)
	if err != nil {
		return nil, err
	}
	return &polledStream{pollReader{source: lock.file, conn: conn, ended: hungUp}, lock}, nil
}

// polledStream is the port through the descriptor of the lock.
type polledStream struct {
	pollReader
	lock *portLock
}

func (p *polledStream) Write(b []byte) (int, error) { return p.conn.Write(b) }

func (p *polledStream) freeWriter() { _ = p.lock.file.SetWriteDeadline(time.Unix(1, 0)) }

// hungUp is the error of a terminal whose device is gone.
func hungUp() error { return errors.New("hung up") }
