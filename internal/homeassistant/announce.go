package homeassistant

import (
	"context"
	"time"
)

// Run publishes announcements until ctx ends. It returns nil.
func (a *Announcer) Run(ctx context.Context) error {
	defer a.save()
	timer := time.NewTimer(0)
	defer timer.Stop()
	again := time.NewTicker(saveAgainEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again.C:
			a.file.Retry()
			continue
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
	changed bool              // differs from the message before
	added   int               // entities that were not announced before
	gone    map[string]string // platforms of removed entities by their keys
}

// step publishes what is due and returns the time until the next topic is due; ok
// is false if there is none. What Home Assistant will know is on disk before it
// is published.
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
	a.save()
	for _, o := range out {
		if o.added > 0 || len(o.gone) > 0 {
			a.log.Info("announced to Home Assistant", "topic", o.topic, "new_entities", o.added, "gone", len(o.gone))
		}
		a.publisher.Retain(o.topic, o.payload, func() { a.delivered(o) })
	}
	return wait, ok
}

// next decides what to publish on a topic, if anything; a.mu is held.
func (a *Announcer) next(topic string) (o outgoing, ok bool) {
	announced := a.memory.Announced[topic]
	for _, key := range a.leaving[topic] {
		delete(announced, key)
	}
	delete(a.leaving, topic)
	o = outgoing{topic: topic}
	d, exists := a.devices[topic]
	now := map[string]component{}
	if exists {
		d = d.describedBy(a.memory.Boards[d.ID])
		forget(a.memory.Readings[d.ID])
		now = components(d, a.memory.Readings[d.ID])
	}
	switch o.gone = gone(announced, now); {
	case len(now) > 0:
		o.payload = payload(d, a.version, now, o.gone)
	case len(announced) == 0:
		return o, false
	}
	before, sent := a.sent[topic]
	o.changed = !sent || before != string(o.payload)
	if !o.changed && !a.again[topic] {
		return o, false
	}
	delete(a.again, topic)
	a.sent[topic] = string(o.payload)
	o.added = len(now) + len(o.gone) - len(announced)
	a.note(topic, now)
	return o, true
}

// note remembers what Home Assistant will know; a.mu is held.
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

// delivered is called when the broker has a message. Unless a later one was sent,
// the entities it removed are forgotten when Home Assistant has settled, and the
// others are announced again.
func (a *Announcer) delivered(o outgoing) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case !o.changed || a.sent[o.topic] != string(o.payload):
	case len(o.payload) == 0: // the whole device is gone
		delete(a.sent, o.topic)
		delete(a.again, o.topic)
		a.change(func(m *memory) { delete(m.Announced, o.topic) })
		a.wake.Set()
	default:
		for key := range o.gone {
			a.leaving[o.topic] = append(a.leaving[o.topic], key)
		}
		a.again[o.topic] = true
		a.schedule(o.topic, settle)
	}
}

// save writes the memory to its file if it has changed, or again if that failed before.
// Only Run waits for the disk.
func (a *Announcer) save() {
	a.mu.Lock()
	changed := a.changed
	a.changed = false
	text, err := a.memory.encode()
	a.mu.Unlock()
	switch {
	case !changed:
		a.file.Retry()
	case err != nil:
		a.log.Error("cannot encode homeassistant.json", "error", err)
	default:
		a.file.Save(text)
	}
}
