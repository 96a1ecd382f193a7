package homeassistant

import (
	"context"
	"time"
)

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
		a.wake.Set()
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
