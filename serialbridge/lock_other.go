//go:build !unix

package serialbridge

import "time"

// defaultPoll is how long a read of the library lasts, which cannot be
// interrupted.
const defaultPoll = 250 * time.Millisecond

// portLock is empty: the system itself lets a port be opened only once.
type portLock struct{ path string }

func lockPort(path string) (*portLock, error) { return &portLock{path: path}, nil }

func (l *portLock) release() error { return nil }

// leave changes nothing: there are no settings to put back.
func (l *portLock) leave() error { return nil }

// unlikeNew reports nothing: no other program can have the port open.
func (l *portLock) unlikeNew() bool { return false }

func (l *portLock) holder() string { return "another program" }

func (l *portLock) closeOnExec() {} // no handle is inherited

// keepHangUp does nothing, like setHangUp.
func (l *portLock) keepHangUp() {}

// setHangUp does nothing: the driver lowers DTR at each close.
func (l *portLock) setHangUp(bool) error { return nil }

func (l *portLock) unsent() int { return 0 }

func otherOwner(string) string { return "" } // the system lets no port be opened twice

func newStream(port readWriter, _ *portLock) (stream, error) { return libraryStream{port}, nil }
