package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/homeassistant"
	"arduino-gateway/internal/monitor"
)

// observer passes what one device does to all that look at it: the history, the
// monitors, and Home Assistant's announcer, which looks for new readings.
type observer struct {
	hub     *monitor.Hub
	history *history.Recorder
	hass    *homeassistant.Observer
	device  string
}

// Active reports whether anything looks at notes.
func (o observer) Active() bool { return o.hub.Active(o.device) || o.history.Keeping() }

// Line is called with each line of the board. An event is made only for a monitor,
// since a line must cost no allocation.
func (o observer) Line(line device.Heard) {
	seq := o.history.Line(line)
	o.hass.Observe(line.Time, line.Kept)
	if !o.hub.Active(o.device) {
		return
	}
	e := monitor.Event{Seq: seq, Time: line.Time, Device: o.device, Kind: monitor.In, Text: string(line.Text)}
	e.Readings, e.Withheld = slices.Clone(line.Readings), slices.Clone(line.Withheld)
	for i := range e.Readings {
		cloneValue(&e.Readings[i])
	}
	for i := range e.Withheld {
		cloneValue(&e.Withheld[i].Reading)
	}
	if line.Err != nil {
		e.Kind, e.Error = monitor.Refused, line.Err.Error()
	}
	o.hub.Publish(e)
}

// cloneValue makes the value independent of its line's buffer.
func cloneValue(r *device.Reading) { r.Value = strings.Clone(r.Value) }

// Later is called with readings that min_interval has held.
func (o observer) Later(at time.Time, readings []device.Reading) {
	o.history.Readings(at, readings)
	o.hass.Observe(at, readings)
}

// Out is called with the result of a command.
func (o observer) Out(at time.Time, command string, r device.Result) {
	if r.Status == device.Sent || r.Status == device.Done {
		o.publish(at, monitor.Out, r.Line)
	} else {
		o.Note(at, fmt.Sprintf("command %s %s: %s", command, r.Status, r.Error))
	}
}

// Note is called with anything else.
func (o observer) Note(at time.Time, text string) { o.publish(at, monitor.Note, text) }

func (o observer) publish(at time.Time, kind monitor.Kind, text string) {
	seq := o.history.Note(at, kind, text)
	o.hub.Publish(monitor.Event{Seq: seq, Time: at, Device: o.device, Kind: kind, Text: text})
}
