package homeassistant

import (
	"context"
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
)

const (
	// gather is how long changes are gathered: a board that has just started
	// prints its readings one after the other.
	gather = time.Second
	// settle is how long Home Assistant has to set up what is new and to take out
	// what has gone, before it is told once more, and no more of what has gone.
	// While it sets up one entity it passes over the rest of a message about the
	// same device (discovery.py): as when the second message, with the first
	// readings, follows closely on the first, with the commands.
	settle = 10 * time.Second
)

// Publisher keeps a message until the broker has it, which done is told, or
// until it is given another one for the same topic. It never waits.
type Publisher interface {
	Retain(topic string, payload []byte, done func())
}

// Announcer announces devices. Its methods may be called from any goroutine,
// and none waits for the broker or the disk but Run.
type Announcer struct {
	file      string
	version   string // of the gateway
	publisher Publisher
	log       *slog.Logger
	wake      chan struct{} // capacity 1
	sets      atomic.Int64  // how often Set was called

	mu      sync.Mutex
	devices map[string]Device // by topic
	memory  memory
	changed bool                 // the memory, since it was written
	sent    map[string]string    // payload by topic, as it was given to the publisher last
	again   map[string]bool      // topics on which to say the same again
	leaving map[string][]string  // keys by topic that the broker has been told of, and Home Assistant takes out
	due     map[string]time.Time // topics to look at
}

// New makes an announcer that remembers in a file. It announces nothing before
// Set, and from Run alone.
func New(file, version string, publisher Publisher, log *slog.Logger) *Announcer {
	m, err := recall(file)
	if err != nil {
		log.Warn("what was announced to Home Assistant is forgotten: entities that went meanwhile stay there", "error", err)
	}
	return &Announcer{file: file, version: version, publisher: publisher, log: log, wake: make(chan struct{}, 1), memory: m,
		devices: map[string]Device{}, sent: map[string]string{}, again: map[string]bool{}, leaving: map[string][]string{}, due: map[string]time.Time{}}
}

// String names the announcer in logs.
func (a *Announcer) String() string { return "Home Assistant discovery" }

// Set has these devices be announced under a prefix, and no others: what was
// announced of others, or under another prefix, is taken back.
func (a *Announcer) Set(prefix string, devices []Device) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := map[string]bool{}
	a.devices = map[string]Device{}
	for _, d := range devices {
		ids[d.ID] = true
		a.devices[configTopic(prefix, d)] = d
	}
	a.change(func(m *memory) {
		maps.DeleteFunc(m.Readings, func(id string, _ map[string]Reading) bool { return !ids[id] })
		maps.DeleteFunc(m.Boards, func(id string, _ device.Description) bool { return !ids[id] })
		for id := range ids {
			if m.Readings[id] == nil {
				m.Readings[id] = map[string]Reading{}
			}
		}
	})
	a.sets.Add(1)
	a.all()
}

// Describe adds what a board tells of itself. It counts until it tells something
// else, over restarts too.
func (a *Announcer) Describe(id string, board device.Description) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.change(func(m *memory) { m.Boards[id] = board })
	a.look(id)
}

// Renew announces all again, whether it has changed or not: Home Assistant has
// started, or the broker may have forgotten.
func (a *Announcer) Renew() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for topic := range a.sent {
		a.again[topic] = true
	}
	a.all()
}

// found takes what there is new of a reading.
func (a *Announcer) found(id, name string, r Reading) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.memory.Readings[id] == nil {
		return // it was taken away just now
	}
	before, known := a.memory.Readings[id][name]
	a.change(func(m *memory) { m.Readings[id][name] = r })
	if !known || r.news(before) {
		a.look(id)
	}
}

// readings gives a copy of what was found of a device; nil if it is not to be
// announced.
func (a *Announcer) readings(id string) map[string]Reading {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.memory.Readings[id])
}

// change changes the memory; a.mu is held.
func (a *Announcer) change(how func(*memory)) {
	how(&a.memory)
	a.changed = true
}

// all has every topic looked at, those of devices and those with something left.
func (a *Announcer) all() {
	for topic := range a.memory.Announced {
		a.lookAt(topic, gather)
	}
	for topic := range a.devices {
		a.lookAt(topic, gather)
	}
}

// look has a device looked at, if there is one with the ID.
func (a *Announcer) look(id string) {
	for topic, d := range a.devices {
		if d.ID == id {
			a.lookAt(topic, gather)
		}
	}
}

// lookAt has a topic looked at after some time, or sooner if that was asked for.
func (a *Announcer) lookAt(topic string, after time.Duration) {
	at := time.Now().Add(after)
	if before, ok := a.due[topic]; ok && before.Before(at) {
		return
	}
	a.due[topic] = at
	a.signal()
}

// signal has Run go on.
func (a *Announcer) signal() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// Run announces until ctx ends. It returns nil.
func (a *Announcer) Run(ctx context.Context) error {
	defer a.keep()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-a.wake:
		case <-timer.C:
		}
		if wait, ok := a.step(time.Now()); ok {
			timer.Reset(wait)
		}
	}
}

// outgoing is a message for the publisher.
type outgoing struct {
	topic   string
	payload []byte
	news    bool              // it was not said before
	fresh   int               // entities that were not announced before
	gone    map[string]string // those that are not any more
}

// step announces what is due, and gives how long nothing else will be. What Home
// Assistant will know is on disk before it can know it.
func (a *Announcer) step(now time.Time) (wait time.Duration, ok bool) {
	a.mu.Lock()
	var out []outgoing
	for topic, at := range a.due {
		if at.After(now) {
			if until := at.Sub(now); !ok || until < wait {
				wait, ok = until, true
			}
			continue
		}
		delete(a.due, topic)
		if o, ok := a.next(topic); ok {
			out = append(out, o)
		}
	}
	a.mu.Unlock()
	a.keep()
	for _, o := range out {
		if o.fresh > 0 || len(o.gone) > 0 {
			a.log.Info("announced to Home Assistant", "topic", o.topic, "new_entities", o.fresh, "gone", len(o.gone))
		}
		a.publisher.Retain(o.topic, o.payload, func() { a.delivered(o) })
	}
	return wait, ok
}

// next decides what to say on a topic, if anything; a.mu is held.
func (a *Announcer) next(topic string) (o outgoing, ok bool) {
	announced := a.memory.Announced[topic]
	for _, key := range a.leaving[topic] {
		delete(announced, key)
	}
	delete(a.leaving, topic)
	o = outgoing{topic: topic}
	d, stands := a.devices[topic]
	now := map[string]component{}
	if stands {
		d = d.overruling(a.memory.Boards[d.ID])
		forget(a.memory.Readings[d.ID])
		now = components(d, a.memory.Readings[d.ID])
	}
	switch o.gone = gone(announced, now); {
	case len(now) > 0:
		o.payload = payload(d, a.version, now, o.gone)
	case len(announced) == 0:
		return o, false
	}
	before, told := a.sent[topic]
	o.news = !told || before != string(o.payload)
	if !o.news && !a.again[topic] {
		return o, false
	}
	delete(a.again, topic)
	a.sent[topic] = string(o.payload)
	o.fresh = len(now) + len(o.gone) - len(announced)
	a.note(topic, now)
	return o, true
}

// note adds what Home Assistant will know; a.mu is held.
func (a *Announcer) note(topic string, now map[string]component) {
	a.change(func(m *memory) {
		if m.Announced[topic] == nil {
			m.Announced[topic] = map[string]string{}
		}
		for key, c := range now {
			m.Announced[topic][key] = c.Platform
		}
	})
}

// delivered is told that the broker has a message. Unless there was a later one,
// what is gone by it may be forgotten when Home Assistant has settled, and the
// rest said again.
func (a *Announcer) delivered(o outgoing) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !o.news || a.sent[o.topic] != string(o.payload):
	case len(o.payload) == 0: // the whole device is gone
		delete(a.sent, o.topic)
		delete(a.again, o.topic)
		a.change(func(m *memory) { delete(m.Announced, o.topic) })
		a.signal()
	default:
		for key := range o.gone {
			a.leaving[o.topic] = append(a.leaving[o.topic], key)
		}
		a.again[o.topic] = true
		a.lookAt(o.topic, settle)
	}
}

// keep writes the memory down, if it has changed. Nobody waits for the disk but
// Run.
func (a *Announcer) keep() {
	a.mu.Lock()
	if !a.changed {
		a.mu.Unlock()
		return
	}
	a.changed = false
	text, err := a.memory.encode()
	a.mu.Unlock()
	if err == nil {
		err = write(a.file, text)
	}
	if err != nil {
		a.log.Warn("not noted what was announced to Home Assistant: entities that go while the gateway is stopped will stay there", "error", err)
	}
}
