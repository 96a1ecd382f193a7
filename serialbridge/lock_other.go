//go:build !unix

package serialbridge

import "time"

// lookEvery is how long the library's read lasts, which cannot be interrupted.
const lookEvery = 250 * time.Millisecond

// portLock is empty where the system itself lets a port be opened only once.
type portLock struct{ path string }

func lockPort(path string) (*portLock, error) { return &portLock{path: path}, nil }

func (l *portLock) release() error { return nil }

func (l *portLock) holder() string { return "another program" }

func (l *portLock) closeOnExec() {} // no handle is inherited

// setHangUp has no such setting here: the driver lowers DTR at each close.
func (l *portLock) setHangUp(bool) error { return nil }

func otherOwner(string) string { return "" } // no port is opened twice

func newStream(port readWriter, _ *portLock) (stream, error) { return libraryStream{port}, nil }
