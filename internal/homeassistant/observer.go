package homeassistant

import (
	"strings"
	"time"

	"arduino-gateway/device"
)

// maxReadings bounds the readings announced of one device.
const maxReadings = 128

// Observer learns from the published lines of one device which readings it has.
// It is for one goroutine.
type Observer struct {
	announcer *Announcer
	id        string
	specs     device.ReadingSpecs
	fixed     map[string]bool   // whether the unit of a reading is configured
	known     map[string]traits // nil: the device is not announced
	doubts    map[string]*doubt // about readings in known
	sets      int64             // the announcer's count when known was copied
}

// Observer returns the observer of a device, which need not be announced yet.
func (a *Announcer) Observer(d device.Device) *Observer {
	specs, _ := Announcement{Readings: d.Readings}.published()
	return &Observer{announcer: a, id: d.ID, specs: specs, fixed: map[string]bool{}, doubts: map[string]*doubt{}}
}

// Observe looks at the readings of a line that are published and whose names are kept.
// It keeps none of them, and does nothing if it has seen their like before.
func (o *Observer) Observe(at time.Time, readings []device.Reading) {
	if sets := o.announcer.sets.Load(); sets != o.sets {
		o.known, o.sets = o.announcer.readings(o.id), sets
	}
	if o.known == nil {
		return
	}
	day := dayOf(at)
	for _, r := range readings {
		if o.isFixed(r.Name) {
			r.Unit = ""
		}
		before, known := o.known[r.Name]
		switch now := before.with(r, day); {
		case !known:
			o.add(r.Name, now)
		case now != before || o.doubts[r.Name] != nil:
			if now = o.settle(r.Name, before, now); now != before {
				o.learn(r.Name, now)
			}
		}
	}
}

// isFixed reports whether the unit of a reading is configured.
func (o *Observer) isFixed(name string) bool {
	fixed, known := o.fixed[name]
	if !known {
		if len(o.fixed) >= maxReadings {
			clear(o.fixed)
		}
		spec, _ := o.specs.Of(name)
		fixed = spec.Unit != ""
		o.fixed[strings.Clone(name)] = fixed
	}
	return fixed
}

// settle returns the traits without those that are still in doubt.
func (o *Observer) settle(name string, before, now traits) traits {
	d := o.doubts[name]
	if d == nil {
		d = &doubt{}
	}
	now = d.settle(before, now)
	switch {
	case *d == (doubt{}):
		delete(o.doubts, name)
	case o.doubts[name] == nil:
		o.doubts[strings.Clone(name)] = d
	}
	return now
}

// add learns a new reading. If there are too many, it does so only in place of one that
// did not come today.
func (o *Observer) add(name string, r traits) {
	if len(o.known) >= maxReadings {
		old, found := oldest(o.known)
		if !found || o.known[old].Day >= r.Day {
			return
		}
		delete(o.known, old)
		delete(o.doubts, old)
		o.announcer.drop(o.id, old)
	}
	o.learn(name, r)
}

func (o *Observer) learn(name string, r traits) {
	name, r.Unit = strings.Clone(name), strings.Clone(r.Unit)
	o.known[name] = r
	o.announcer.record(o.id, name, r)
}
