package daemon

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/history"
	"arduino-gateway/internal/monitor"
)

// watcher has what one device does remembered, and shown to those who watch it.
type watcher struct {
	hub    *monitor.Hub
	memory *history.Recorder
	device string
}

// Active tells whether notes are of any use.
func (w watcher) Active() bool { return w.hub.Active(w.device) || w.memory.Keeps() }

// Line takes one line of the board.
func (w watcher) Line(at time.Time, line []byte, readings []device.Reading, withheld []device.Withheld, err error) {
	seq := w.memory.Line(at, line, readings, withheld, err)
	if !w.hub.Active(w.device) {
		return
	}
	e := monitor.Event{Seq: seq, Time: at, Device: w.device, Kind: monitor.In, Text: string(line)}
	e.Readings, e.Withheld = slices.Clone(readings), slices.Clone(withheld)
	for i := range e.Readings {
		keep(&e.Readings[i])
	}
	for i := range e.Withheld {
		keep(&e.Withheld[i].Reading)
	}
	if err != nil {
		e.Kind, e.Error = monitor.Refused, err.Error()
	}
	w.hub.Publish(e)
}

// keep lets the value outlive its line.
func keep(r *device.Reading) { r.Value = strings.Clone(r.Value) }

// Later takes readings that min_interval held.
func (w watcher) Later(at time.Time, readings []device.Reading) { w.memory.Readings(at, readings) }

// Out takes a command that is over.
func (w watcher) Out(at time.Time, command string, r device.Result) {
	if r.Status == device.Sent || r.Status == device.Done {
		w.tell(at, monitor.Out, r.Line)
	} else {
		w.Note(at, fmt.Sprintf("command %s %s: %s", command, r.Status, r.Error))
	}
}

// Note takes anything else.
func (w watcher) Note(at time.Time, text string) { w.tell(at, monitor.Note, text) }

func (w watcher) tell(at time.Time, kind monitor.Kind, text string) {
	seq := w.memory.Tell(at, kind, text)
	w.hub.Publish(monitor.Event{Seq: seq, Time: at, Device: w.device, Kind: kind, Text: text})
}
