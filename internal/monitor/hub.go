package monitor

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/internal/wake"
)

// queueLength is the number of events that can wait for one watcher: ten seconds of a
// board that prints 50 lines a second.
const queueLength = 512

// Hub passes events from the code that handles lines to the watchers. Its methods may
// be called from any goroutine, and never block.
type Hub struct {
	watched atomic.Pointer[map[string]bool] // devices; replaced whole

	mu   sync.Mutex
	subs map[string][]*Subscription // by device, or everyDevice
}

// everyDevice stands for all devices; no device has this ID.
const everyDevice = ""

// NewHub returns a hub without watchers.
func NewHub() *Hub { return &Hub{subs: map[string][]*Subscription{}} }

// Active reports whether the device has a watcher. It is cheap enough to call for every
// line; without a watcher an Event need not be made.
func (h *Hub) Active(device string) bool {
	watched := h.watched.Load()
	return watched != nil && ((*watched)[device] || (*watched)[everyDevice])
}

// Publish queues the event for each watcher of its device. The caller must not change
// what the event refers to.
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

// Subscribe starts to watch a device; "" is every device, also future ones. The caller
// must close the subscription.
func (h *Hub) Subscribe(device string) *Subscription {
	s := &Subscription{hub: h, device: device, ready: wake.NewSignal()}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.subs[device] = append(h.subs[device], s)
	h.updateWatched()
	return s
}

// updateWatched stores the set of watched devices for Active; h.mu is held.
func (h *Hub) updateWatched() {
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

// remove removes the subscription, if it is still there.
func (h *Hub) remove(gone *Subscription) {
	h.mu.Lock()
	defer h.mu.Unlock()
	left := slices.DeleteFunc(h.subs[gone.device], func(s *Subscription) bool { return s == gone })
	if len(left) == 0 {
		delete(h.subs, gone.device)
	} else {
		h.subs[gone.device] = left
	}
	h.updateWatched()
}

// Subscription is one watcher's bounded queue of events.
type Subscription struct {
	hub    *Hub
	device string
	ready  wake.Signal // an event was added

	mu      sync.Mutex
	events  []Event // at most queueLength
	dropped uint64  // since the last Take
}

// put adds the event, and drops the oldest ones if the queue is full.
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

// Ready is signalled when events wait. It holds one signal.
func (s *Subscription) Ready() <-chan struct{} { return s.ready }

// Take returns all waiting events, in order. Dropped of the first is the number of
// events lost before it.
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

// Close ends the subscription; another call does nothing.
func (s *Subscription) Close() { s.hub.remove(s) }
