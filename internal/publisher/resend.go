package publisher

import (
	"cmp"
	"maps"
)

// sent names a publish of a line or of a message over connections.
type sent struct {
	kind   byte
	index  uint16 // among the publishes of a line; ofLate is a line that was late
	number uint64 // seq of a line, or number of a message
}

// ofLate is the index of the publish of a late line. A line that was sent live before is
// another message when it is late.
const ofLate = 1<<16 - 1

// Resume says that the broker has kept the session: what it did not acknowledge is
// published again as MQTT demands, with its identifier and the DUP flag. Call it before
// Run. The status is published anew.
func (p *Stream) Resume() {
	p.resending = true
	p.inflight.resume()
}

// identify returns the identifier of a publish, and whether it was sent before.
func (p *Stream) identify(of item) (id uint16, again bool) {
	if p.resending {
		if id, again = p.inflight.again(of); again {
			return id, true
		}
	}
	return p.inflight.enter(of), false
}

// settleResends ends the search for earlier identifiers when all is published again.
func (p *Stream) settleResends(exhausted bool) {
	if p.resending && exhausted && p.queue.unsent() == 0 {
		p.resending = false
		p.inflight.neverSent()
	}
}

// resume reserves the identifiers of what is to be published again. New ones follow the
// last that was used.
func (f *inflight) resume() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reserved = make(map[uint16]bool, len(f.unacked))
	for _, id := range f.unacked {
		f.reserved[id] = true
	}
	f.last = f.lastBefore
}

// neverSent forgets what earlier connections have published.
func (f *inflight) neverSent() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unacked, f.reserved = nil, nil
}

// again returns the identifier under which a publish was sent on an earlier connection.
func (f *inflight) again(of item) (id uint16, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	what := f.nameOf(of)
	if id, ok = f.unacked[what]; ok {
		delete(f.unacked, what)
		delete(f.reserved, id)
		f.note(id, of)
	}
	return id, ok
}

// nameOf returns the name of an item that may be published again.
func (f *inflight) nameOf(of item) sent {
	what := sent(of)
	if of.kind == ofLine {
		what.number = f.window.at(of.number).seq
	}
	return what
}

// left returns the identifiers of all lines and messages without a PUBACK, also those
// of earlier connections, and the last identifier.
func (f *inflight) left() (unacked map[sent]uint16, last uint16) {
	f.mu.Lock()
	defer f.mu.Unlock()
	unacked = maps.Clone(f.unacked)
	if unacked == nil {
		unacked = make(map[sent]uint16, len(f.items))
	}
	for id, of := range f.items {
		if of.kind != ofStatus {
			unacked[f.nameOf(of)] = id
		}
	}
	return unacked, cmp.Or(f.last, f.lastBefore)
}
