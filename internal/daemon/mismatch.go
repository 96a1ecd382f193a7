package daemon

import (
	"context"
	"sync"

	"arduino-gateway/internal/wake"
)

// mismatch is a different board at the port of a detected board's device.
type mismatch struct {
	port string // of the device when the board answered
	does string // such as: sends the hello of "tank"
}

// mismatches collects mismatches for the fleet's goroutine. Devices mark them in
// goroutines of their own.
type mismatches struct {
	marked wake.Signal // there are some

	mu  sync.Mutex
	all map[string]mismatch // by device ID
}

func newMismatches() *mismatches {
	return &mismatches{marked: wake.NewSignal(), all: map[string]mismatch{}}
}

// mark notes that a different board is at a device's port.
func (m *mismatches) mark(id string, found mismatch) {
	m.mu.Lock()
	m.all[id] = found
	m.mu.Unlock()
	m.marked.Set()
}

// take returns the mismatches so far, and forgets them.
func (m *mismatches) take() map[string]mismatch {
	m.mu.Lock()
	defer m.mu.Unlock()
	taken := m.all
	m.all = map[string]mismatch{}
	return taken
}

// dropMismatched removes the devices whose ports have other boards. Those boards are
// detected then.
func (f *fleet) dropMismatched(ctx context.Context) {
	var gone []string
	for id, found := range f.mismatches.take() {
		m := f.members.get(id)
		if m.device != nil && f.state.Detected[id].Hello && m.config.Port == found.port { // it has not moved since
			f.log.Warn("different board on this port; device removed until its own board is detected again", "device", id, "port", found.port, "why", found.does)
			gone = append(gone, id)
		}
	}
	f.drop(ctx, gone...)
}
