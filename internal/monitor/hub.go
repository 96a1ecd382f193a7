package monitor

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/internal/wake"
)

// queueLength is how many events wait for one watcher: ten seconds of a board
// that prints 50 lines a second.
const queueLength = 512

// Hub passes events from whoever handles lines to whoever watches. Its methods
// may be called from any goroutine, and none of them blocks.
type Hub struct {
	watched atomic.Pointer[map[string]bool] // devices; replaced whole

	mu   sync.Mutex
	subs map[string][]*Subscription // by device, or everyDevice
}

// everyDevice is no device's ID.
const everyDevice = ""

// NewHub returns a hub that nobody watches.
func NewHub() *Hub { return &Hub{subs: map[string][]*Subscription{}} }

// Active says whether somebody watches the device. It is cheap enough to ask
// for every line; an Event that nobody asked for need not be made.
func (h *Hub) Active(device string) bool {
	watched := h.watched.Load()
	return watched != nil && ((*watched)[device] || (*watched)[everyDevice])
}

// Publish hands the event to each watcher of its device. What the event refers
// to must not change any more.
func (h *Hub) Publish(e Event) {
	if !h.Active(e.Device) {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, watched := range []string{e.Device, everyDevice} {
		for _, s := range h.subs[watched] {
			s.put(e)
		}
	}
}

// Note publishes a note about a device.
func (h *Hub) Note(device string, at time.Time, text string) {
	h.Publish(Event{Time: at, Device: device, Kind: Note, Text: text})
}

// Subscribe begins to watch a device; "" is all, also those to come. The caller
// owes the subscription a Close.
func (h *Hub) Subscribe(device string) *Subscription {
	s := &Subscription{hub: h, device: device, ready: wake.NewSignal()}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[device] = append(h.subs[device], s)
	h.note()
	return s
}

// note publishes anew who is watched; h.mu is held.
func (h *Hub) note() {
	if len(h.subs) == 0 {
		h.watched.Store(nil)
		return
	}
	watched := make(map[string]bool, len(h.subs))
	for device := range h.subs {
		watched[device] = true
	}
	h.watched.Store(&watched)
}

// remove forgets the subscription, if it is still known.
func (h *Hub) remove(gone *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := slices.DeleteFunc(h.subs[gone.device], func(s *Subscription) bool { return s == gone })
	if len(left) == 0 {
		delete(h.subs, gone.device)
	} else {
		h.subs[gone.device] = left
	}
	h.note()
}

// Subscription is one watcher's bounded queue of events.
type Subscription struct {
	hub    *Hub
	device string
	ready  wake.Signal // events wait

	mu      sync.Mutex
	events  []Event // at most queueLength
	dropped uint64  // since the last Take
}

// put adds the event, and drops the oldest where there is no room.
func (s *Subscription) put(e Event) {
	s.mu.Lock()
	if len(s.events) == queueLength {
		// A quarter at a time, so that not every event moves all the others.
		s.dropped += queueLength / 4
		s.events = append(s.events[:0], s.events[queueLength/4:]...)
	}
	s.events = append(s.events, e)
	s.mu.Unlock()
	s.ready.Set()
}

// Ready is signalled when events wait; there is room for one signal.
func (s *Subscription) Ready() <-chan struct{} { return s.ready }

// Take returns all that waits, in order; Dropped of the first says how many
// were lost before it.
func (s *Subscription) Take() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	events := s.events
	if len(events) > 0 {
		events[0].Dropped = s.dropped
		s.dropped = 0
	}
	s.events = nil
	return events
}

// Close ends the watching; calling it again does nothing.
func (s *Subscription) Close() { s.hub.remove(s) }
