package homeassistant

import (
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/wake"
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
	wake      wake.Signal
	sets      atomic.Int64 // how often Set was called

	mu      sync.Mutex
	devices map[string]Device // by topic
	memory  memory
	changed bool                 // the memory, since it was written
	sent    map[string]string    // payload by topic, as it was given to the publisher last
	again   map[string]bool      // topics on which to say the same again
	leaving map[string][]string  // keys by topic that the broker has been told of, and Home Assistant takes out
	due     map[string]time.Time // topics to look at
}

// New returns an announcer that keeps its memory in a file. It announces nothing
// before PublishTo and Set were called, and only while Run runs.
func New(file, version string, log *slog.Logger) *Announcer {
	m, err := recall(file)
	if err != nil {
		log.Warn("what was announced to Home Assistant is forgotten: entities that went meanwhile stay there", "error", err)
	}
	return &Announcer{file: file, version: version, log: log, wake: wake.NewSignal(), memory: m,
		devices: map[string]Device{}, sent: map[string]string{}, again: map[string]bool{}, leaving: map[string][]string{}, due: map[string]time.Time{}}
}

// PublishTo sets where announcements go. It is called once, before Run.
func (a *Announcer) PublishTo(publisher Publisher) { a.publisher = publisher }

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

// Message renews all announcements if Home Assistant reports on its status topic
// that it has started.
func (a *Announcer) Message(m device.Message) {
	if string(m.Payload) == "online" {
		a.Renew()
	}
}

// Connected renews all announcements: the broker may have lost what it retained.
func (a *Announcer) Connected(time.Time, bool) { a.Renew() }

// Disconnected does nothing: the publisher keeps what was not delivered.
func (a *Announcer) Disconnected(time.Time, error) {}

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
	a.wake.Set()
}
