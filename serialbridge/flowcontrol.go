package serialbridge

import (
	"slices"
	"sync/atomic"
)

// A server of RFC 2217 may ask for a pause, in data and in commands, such as
// when the board takes no bytes. Lines then wait in the link, and commands here.

// suspender is a port whose other end may ask for a pause.
type suspender interface {
	// Suspended returns a channel that is closed at the end of the pause; nil if
	// there is none. Any goroutine may call it.
	Suspended() <-chan struct{}
}

// flow is what the server has asked for.
type flow struct {
	resumed atomic.Pointer[chan struct{}] // closed by RESUME; nil: not suspended
	held    heldRequests                  // of the goroutine that reads
}

// Suspended is that of suspender.
func (p *rfc2217Port) Suspended() <-chan struct{} {
	if resumed := p.flow.resumed.Load(); resumed != nil {
		return *resumed
	}
	return nil
}

// obey begins or ends a pause. At its end the held requests are sent.
func (p *rfc2217Port) obey(suspended bool) {
	resumed := p.flow.resumed.Load()
	switch {
	case suspended && resumed == nil:
		p.flow.resumed.Store(new(make(chan struct{})))
	case !suspended && resumed != nil:
		p.flow.resumed.Store(nil)
		close(*resumed)
		if requests := p.flow.held.take(); len(requests) > 0 {
			_ = p.send(requests) // the next read reports a lost connection
		}
	}
}

// resumption waits in await for the end of a pause.
func resumption(c telnetCommand) (never struct{}, ended bool) {
	suspended, ok := flowControl(c)
	return never, ok && !suspended
}

// heldRequests are requests that wait for the end of a pause. A later one
// replaces an earlier one about the same thing.
type heldRequests struct{ baud, rts, dtr []byte }

func (h *heldRequests) hold(request []byte) {
	switch {
	case request[3] == setBaudRate:
		h.baud = request
	case request[4] == dtrOn || request[4] == dtrOff:
		h.dtr = request
	default:
		h.rts = request
	}
}

// take returns them with RTS before DTR, as setDTR does.
func (h *heldRequests) take() []byte {
	requests := slices.Concat(h.baud, h.rts, h.dtr)
	*h = heldRequests{}
	return requests
}
