package homeassistant

import (
	"strings"
	"time"

	"arduino-gateway/device"
)

// maxReadings bounds the readings announced of one device: a board that prints a
// new name with every line would fill Home Assistant.
const maxReadings = 128

// Observer learns from the published lines of one device which readings it has.
// It is for one goroutine.
type Observer struct {
	announcer *Announcer
	id        string
	fixed     map[string]bool   // readings whose unit is configured
	known     map[string]traits // nil: the device is not announced
	sets      int64             // the announcer's count when known was copied
}

// Observer returns the observer of a device, which need not be announced yet.
func (a *Announcer) Observer(d device.Device) *Observer {
	o := &Observer{announcer: a, id: d.ID, fixed: map[string]bool{}}
	specs, _ := Announcement{Readings: d.Readings}.published()
	for name, spec := range specs {
		if spec.Unit != "" {
			o.fixed[name] = true
		}
	}
	return o
}

// Observe looks at the readings of a line that are published. It keeps none of
// them, and does nothing if it has seen their like before.
func (o *Observer) Observe(at time.Time, readings []device.Reading) {
	if sets := o.announcer.sets.Load(); sets != o.sets {
		o.known, o.sets = o.announcer.readings(o.id), sets
	}
	if o.known == nil {
		return
	}
	day := dayOf(at)
	for _, r := range readings {
		if o.fixed[r.Name] {
			r.Unit = ""
		}
		before, known := o.known[r.Name]
		if !known && len(o.known) >= maxReadings {
			continue
		}
		if now := before.with(r, day); !known || now != before {
			o.learn(r.Name, now)
		}
	}
}

func (o *Observer) learn(name string, r traits) {
	name, r.Unit = strings.Clone(name), strings.Clone(r.Unit)
	o.known[name] = r
	o.announcer.record(o.id, name, r)
}
