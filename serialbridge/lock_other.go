//go:build !unix

package serialbridge

import (
	"context"
	"time"
)

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

// closeOnExec does nothing: no handle is inherited.
func (l *portLock) closeOnExec(int) {}
func (l *portLock) lowestFree() int { return 0 }

// keepHangUp does nothing, like setHangUp.
func (l *portLock) keepHangUp() {}

// setHangUp does nothing: the driver lowers DTR at each close.
func (l *portLock) setHangUp(bool) error { return nil }

func (l *portLock) unsent() int { return 0 }

func otherOwner(context.Context, string, time.Time) string { return "" } // the system lets no port be opened twice

func newStream(port readWriter, _ *portLock) (stream, error) { return libraryStream{port}, nil }
