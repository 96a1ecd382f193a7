package homeassistant

import (
	"strings"
	"time"

	"arduino-gateway/device"
)

// mostReadings bounds what is announced of one device: a board that prints a new
// name with every line would fill Home Assistant.
const mostReadings = 128

// Watch finds out about the readings of one device while it prints them. It is
// for one goroutine.
type Watch struct {
	announcer *Announcer
	id        string
	fixed     map[string]bool    // readings whose unit is not the board's own
	known     map[string]Reading // nil: the device is not to be announced
	sets      int64              // of the announcer, when known was asked for
}

// Watch begins to watch a device.
func (a *Announcer) Watch(d device.Device) *Watch {
	w := &Watch{announcer: a, id: d.ID, fixed: map[string]bool{}}
	specs, _ := Device{Readings: d.Readings}.published()
	for name, spec := range specs {
		if spec.Unit != "" {
			w.fixed[name] = true
		}
	}
	return w
}

// Line takes the readings of a line as they are published. It keeps nothing of
// them, and does nothing where it has seen their like before.
func (w *Watch) Line(at time.Time, readings []device.Reading) {
	if sets := w.announcer.sets.Load(); sets != w.sets {
		w.known, w.sets = w.announcer.readings(w.id), sets
	}
	if w.known == nil {
		return
	}
	day := dayOf(at)
	for _, r := range readings {
		if w.fixed[r.Name] {
			r.Unit = ""
		}
		before, known := w.known[r.Name]
		if !known && len(w.known) >= mostReadings {
			continue
		}
		if now := before.with(r, day); !known || now != before {
			w.learn(r.Name, now)
		}
	}
}

func (w *Watch) learn(name string, r Reading) {
	name, r.Unit = strings.Clone(name), strings.Clone(r.Unit)
	w.known[name] = r
	w.announcer.found(w.id, name, r)
}
