//go:build !unix

package serialbridge

// portLock is empty where the system itself lets a port be opened only once.
type portLock struct{ path string }

func lockPort(path string) (*portLock, error) { return &portLock{path: path}, nil }

func (l *portLock) release() error { return nil }

func (l *portLock) holder() string { return "another program" }

func (l *portLock) wakeWriter() {}

func newReader(port reader, _ *portLock) (reader, error) { return port, nil }
