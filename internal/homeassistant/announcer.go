package homeassistant

import (
	"log/slog"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/atomicfile"
	"arduino-gateway/internal/wake"
)

const (
	// gather is how long changes are collected: a board that has just started prints
	// its readings one after the other.
	gather = time.Second
	// settle is how long Home Assistant has to add and remove entities. Then the
	// message is sent again, without the removed ones: while Home Assistant sets up
	// one entity it ignores the rest of a further message about the same device
	// (discovery.py). This happens when the message with the first readings follows
	// closely on the one with the commands.
	settle = 10 * time.Second
	// saveAgainEvery is the time between two tries to save the memory, if that fails.
	saveAgainEvery = 10 * time.Second
)

// Publisher keeps a message until the broker has it, and calls done then, or until
// Retain is called for the same topic again. It never waits.
type Publisher interface {
	Retain(topic string, payload []byte, done func())
}

// Announcer announces devices, and is the handler of the session that publishes.
// Its methods may be called from any goroutine. Only Run waits for the disk, and
// none for the broker.
type Announcer struct {
	file      *atomicfile.State
	version   string // of the gateway
	publisher Publisher
	log       *slog.Logger
	wake      wake.Signal
	sets      atomic.Int64 // calls of Set

	mu      sync.Mutex
	devices map[string]Announcement // by topic
	memory  memory
	changed bool                 // the memory has changed since it was saved
	sent    map[string]string    // payload by topic, published last
	again   map[string]bool      // topics to publish again even if unchanged
	leaving map[string][]string  // keys by topic of entities that Home Assistant is removing
	due     map[string]time.Time // when to publish, by topic
}

// New returns an announcer that keeps its memory in a file. It announces nothing
// before PublishTo and Set were called, and only while Run runs.
func New(file, version string, log *slog.Logger) *Announcer {
	state, m := openFile(file, log)
	return &Announcer{file: state, version: version, log: log, wake: wake.NewSignal(), memory: m,
		devices: map[string]Announcement{}, sent: map[string]string{}, again: map[string]bool{}, leaving: map[string][]string{}, due: map[string]time.Time{}}
}

// PublishTo sets where announcements go. It is called once, before Run.
func (a *Announcer) PublishTo(publisher Publisher) { a.publisher = publisher }

// String names the announcer in logs.
func (a *Announcer) String() string { return "Home Assistant discovery" }

// Set replaces the devices to announce, and their topic prefix. Announcements of
// other devices, or under another prefix, are removed.
func (a *Announcer) Set(prefix string, devices []Announcement) {
	a.mu.Lock()
	defer a.mu.Unlock()
	ids := map[string]bool{}
	a.devices = map[string]Announcement{}
	for _, d := range devices {
		ids[d.ID] = true
		a.devices[configTopic(prefix, d)] = d
	}
	a.change(func(m *memory) {
		maps.DeleteFunc(m.Readings, func(id string, _ map[string]traits) bool { return !ids[id] })
		maps.DeleteFunc(m.Boards, func(id string, _ device.Description) bool { return !ids[id] })
		for id := range ids {
			if m.Readings[id] == nil {
				m.Readings[id] = map[string]traits{}
			}
		}
	})
	a.sets.Add(1)
	a.scheduleAll()
}

// Describe sets the description that a board sent of itself. It is kept over
// restarts until the board sends another one.
func (a *Announcer) Describe(id string, board device.Description) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.change(func(m *memory) { m.Boards[id] = board })
	a.scheduleDevice(id)
}

// Renew publishes all announcements again, changed or not: Home Assistant has
// started, or the broker may have lost them.
func (a *Announcer) Renew() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for topic := range a.sent {
		a.again[topic] = true
	}
	a.scheduleAll()
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

// Refused does nothing: the same message would be refused again.
func (a *Announcer) Refused(device.Refused) {}

// record stores what an observer has learned about a reading.
func (a *Announcer) record(id, name string, r traits) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.memory.Readings[id] == nil {
		return // the device was removed just now
	}
	before, known := a.memory.Readings[id][name]
	a.change(func(m *memory) { m.Readings[id][name] = r })
	if !known || r.differs(before) {
		a.scheduleDevice(id)
	}
}

// drop removes what was learned about a reading.
func (a *Announcer) drop(id, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.change(func(m *memory) { delete(m.Readings[id], name) })
	a.scheduleDevice(id)
}

// readings returns a copy of what is known about a device's readings, nil if the
// device is not announced.
func (a *Announcer) readings(id string) map[string]traits {
	a.mu.Lock()
	defer a.mu.Unlock()
	return maps.Clone(a.memory.Readings[id])
}

// change changes the memory; a.mu is held.
func (a *Announcer) change(how func(*memory)) {
	how(&a.memory)
	a.changed = true
}

// scheduleAll schedules the topics of all devices, and those with entities left to
// remove.
func (a *Announcer) scheduleAll() {
	for topic := range a.memory.Announced {
		a.schedule(topic, gather)
	}
	for topic := range a.devices {
		a.schedule(topic, gather)
	}
}

// scheduleDevice schedules the topic of a device, if it exists.
func (a *Announcer) scheduleDevice(id string) {
	for topic, d := range a.devices {
		if d.ID == id {
			a.schedule(topic, gather)
		}
	}
}

// schedule makes a topic due after some time, or sooner if it is due sooner.
func (a *Announcer) schedule(topic string, after time.Duration) {
	at := time.Now().Add(after)
	if before, ok := a.due[topic]; ok && before.Before(at) {
		return
	}
	a.due[topic] = at
	a.wake.Set()
}
