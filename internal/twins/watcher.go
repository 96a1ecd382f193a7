package twins

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

const (
	// forgetAfter without a sign ends what is known of a gateway with the same ID. A
	// gateway that gives way shows itself at least every PollMax.
	forgetAfter = 90 * time.Second
	// pollMin is the first pause before a gateway that gives way looks whether the other
	// one is still there. It doubles up to PollMax.
	pollMin = 5 * time.Second
	PollMax = 30 * time.Second
	// maxRivals bounds what is kept of others.
	maxRivals = 256
)

// The payloads of a status topic.
const online, offline = "online", "offline"

// Rival is another gateway, seen from a session.
type Rival struct {
	Who     string // in words, with a hint
	First   bool   // it was there before this gateway
	OtherID bool   // its ID is another one
}

// Watcher keeps what is known of other gateways. It is for one goroutine at a time.
type Watcher struct {
	self   Identity
	base   string            // of all topics
	echoed bool              // this gateway's identity has come back
	stale  map[string]string // identities of this ID that may be left over, by instance
	same   map[string]twin   // others with this ID, by instance
	others map[string]other  // by ID
	polls  int               // in a row
}

// twin is a gateway with the same ID.
type twin struct {
	Identity
	payload string // of the identity
	seen    time.Time
}

// other is a gateway with another ID.
type other struct {
	Identity      // zero: unknown
	online   bool // by its status
	live     bool // one of its messages arrived as it was published
}

// present reports whether a gateway is there, seen from another. What is retained of one
// that ended before a reboot does not show it.
func (o other) present(seenBy Identity) bool {
	return o.online && (o.live || !o.endedBeforeBootOf(seenBy))
}

// NewWatcher returns a watcher for a gateway.
func NewWatcher(self Identity, base string) *Watcher {
	return &Watcher{self: self, base: base, stale: map[string]string{}, same: map[string]twin{}, others: map[string]other{}}
}

// SetDevices sets the devices that this gateway has.
func (w *Watcher) SetDevices(ids []string) { w.self.Devices = ids }

// Identity returns the identity to publish on a connection that began then.
func (w *Watcher) Identity(connected time.Time) Identity {
	i := w.self
	i.Connected = connected.UTC()
	return i
}

// Info takes what arrived on the info topic of a gateway.
func (w *Watcher) Info(now time.Time, id string, payload []byte, retained bool) {
	i, err := Parse(payload)
	switch {
	case id != w.self.ID:
		w.info(id, i, err == nil && i.ID == id, retained)
	case err != nil || i.ID != id:
	case i.Instance == w.self.Instance:
		w.echoed = true
	case !w.echoed:
		if len(w.stale) < maxRivals {
			w.stale[i.Instance] = string(payload)
		}
	case !retained || w.stale[i.Instance] != string(payload):
		w.meet(now, i, string(payload))
	}
}

// meet takes a living gateway with the same ID.
func (w *Watcher) meet(now time.Time, i Identity, payload string) {
	if _, known := w.same[i.Instance]; known || len(w.same) < maxRivals {
		w.same[i.Instance] = twin{i, payload, now}
	}
}

// forget forgets a gateway with the same ID. Its identity may stay at the broker.
func (w *Watcher) forget(instance string) {
	if len(w.stale) < maxRivals {
		w.stale[instance] = w.same[instance].payload
	}
	delete(w.same, instance)
}

// Looked takes what is retained of the gateway with this ID while this one gives way. It
// decides nothing from what is missing: perhaps this user may not read it.
func (w *Watcher) Looked(now time.Time, info []byte, status string) {
	i, err := Parse(info)
	if err == nil && i.ID == w.self.ID && i.Instance != w.self.Instance && status != "" {
		w.meet(now, i, string(info))
	}
	if status != offline {
		return
	}
	for instance := range w.same {
		w.forget(instance)
	}
}

// info takes the identity of a gateway with another ID; known is false if it was cleared.
func (w *Watcher) info(id string, i Identity, known, retained bool) {
	o, before := w.others[id]
	if !before && len(w.others) >= maxRivals {
		return
	}
	o.live = !retained || o.live && o.Instance == i.Instance
	if o.Identity = i; !known {
		o.Identity = Identity{}
	}
	w.others[id] = o
}

// Status takes what arrived on the status topic of a gateway.
func (w *Watcher) Status(id, status string, retained bool) {
	o, known := w.others[id]
	if id == w.self.ID || !known && len(w.others) >= maxRivals {
		return
	}
	o.online = status == online
	o.live = o.online && (o.live || !retained)
	w.others[id] = o
}

// Twin returns the rival with the same ID, which concerns every session; nil if there is
// none. Of several it is the one that was there first.
func (w *Watcher) Twin(now time.Time) *Rival {
	var first *Identity
	for instance, t := range w.same {
		if now.Sub(t.seen) >= forgetAfter {
			w.forget(instance)
			continue
		}
		if first == nil || t.before(*first) {
			first = &t.Identity
		}
	}
	if first == nil {
		w.polls = 0
		return nil
	}
	return &Rival{First: first.before(w.self), Who: fmt.Sprintf("%s has the same gateway.id (hint: give each gateway its own gateway.id and base_topic, or stop one of them)",
		first.describe(w.self))}
}

// Device returns the rival of a device; nil if there is none. Of several it is the one
// that was there first.
func (w *Watcher) Device(device string) *Rival {
	var first *Identity
	for _, id := range slices.Sorted(maps.Keys(w.others)) {
		o := w.others[id]
		if o.present(w.self) && slices.Contains(o.Devices, device) && (first == nil || o.before(*first)) {
			first = &o.Identity
		}
	}
	if first == nil {
		return nil
	}
	return &Rival{First: first.before(w.self), OtherID: true, Who: fmt.Sprintf("%s publishes on %s/%s too (hint: give the device of one gateway another name, or one gateway another base_topic)",
		first.describe(w.self), w.base, device)}
}

// NextPoll returns how long to wait before looking whether the rival with the same ID is
// still there.
func (w *Watcher) NextPoll() time.Duration {
	pause := min(pollMin<<min(w.polls, 10), PollMax)
	w.polls++
	return pause
}

// Expires returns when something is forgotten; zero if there is nothing to forget.
func (w *Watcher) Expires() (at time.Time) {
	for _, t := range w.same {
		if end := t.seen.Add(forgetAfter); at.IsZero() || end.Before(at) {
			at = end
		}
	}
	return at
}
