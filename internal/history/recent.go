package history

import (
	"slices"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/monitor"
)

// MaxLines is the number of lines of a device that are kept, with the commands and notes
// between them. A typical line takes some 400 bytes, the longest 6 kB.
const MaxLines = 50

// maxLineReadings is the number of readings of one line that are kept.
const maxLineReadings = 32

// recent is a ring of the last lines. A new line reuses the memory of the one that it
// replaces, so that it costs no allocation.
type recent struct {
	ring [MaxLines]entry
	seq  uint64 // of the newest line; 0: none
}

// entry is one line. The values of its readings are in bytes, after the text: only the
// lengths of the values in readings and withheld count.
type entry struct {
	at       time.Time
	kind     monitor.Kind
	err      string
	bytes    []byte
	text     int // length of the text in bytes
	readings []device.Reading
	withheld []device.Withheld
}

// add returns the next entry, emptied.
func (r *recent) add(at time.Time, kind monitor.Kind) *entry {
	e := &r.ring[r.seq%MaxLines]
	r.seq++
	e.at, e.kind, e.err = at, kind, ""
	e.bytes, e.readings, e.withheld = e.bytes[:0], e.readings[:0], e.withheld[:0]
	return e
}

func (r *recent) line(line *device.Heard) (seq uint64) {
	e := r.add(line.Time, monitor.In)
	if line.Err != nil {
		e.kind, e.err = monitor.Refused, line.Err.Error()
	}
	e.bytes = append(e.bytes, line.Text...)
	e.text = len(line.Text)
	e.readings = append(e.readings, line.Readings[:min(len(line.Readings), maxLineReadings)]...)
	e.withheld = append(e.withheld, line.Withheld[:min(len(line.Withheld), maxLineReadings)]...)
	for i := range e.readings {
		e.bytes = append(e.bytes, e.readings[i].Value...)
	}
	for i := range e.withheld {
		e.bytes = append(e.bytes, e.withheld[i].Value...)
	}
	return r.seq
}

func (r *recent) note(at time.Time, kind monitor.Kind, text string) (seq uint64) {
	e := r.add(at, kind)
	e.bytes = append(e.bytes, text...)
	e.text = len(text)
	return r.seq
}

// events returns all lines, the oldest first.
func (r *recent) events() (all []monitor.Event) {
	for n := r.seq - min(r.seq, MaxLines); n < r.seq; n++ {
		e := r.ring[n%MaxLines].event()
		e.Seq = n + 1
		all = append(all, e)
	}
	return all
}

func (e *entry) event() monitor.Event {
	text := string(e.bytes)
	event := monitor.Event{Time: e.at, Kind: e.kind, Text: text[:e.text], Error: e.err,
		Readings: slices.Clone(e.readings), Withheld: slices.Clone(e.withheld)}
	values := text[e.text:]
	take := func(r *device.Reading) { r.Value, values = values[:len(r.Value)], values[len(r.Value):] }
	for i := range event.Readings {
		take(&event.Readings[i])
	}
	for i := range event.Withheld {
		take(&event.Withheld[i].Reading)
	}
	return event
}

func (r *Recorder) setKeep(keep bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case !keep:
		r.recent, r.series, r.next = nil, nil, 0
	case r.recent == nil:
		r.recent = &recent{}
	}
}

// Note adds another event among the lines, such as a line to the board. It returns the
// number of the event, as Line does.
func (r *Recorder) Note(at time.Time, kind monitor.Kind, text string) (seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recent == nil {
		return 0
	}
	return r.recent.note(at, kind, text)
}

// Recent returns the last lines, the oldest first.
func (r *Recorder) Recent() []monitor.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recent == nil {
		return nil
	}
	return r.recent.events()
}

// Keeping reports whether more than the count of lines is kept.
func (r *Recorder) Keeping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recent != nil
}
