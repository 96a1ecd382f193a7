package history

import (
	"slices"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/monitor"
)

// MaxLines is how many of the last lines of a device are kept, with what was
// written and noted between them. A usual one takes some 400 bytes, the longest 6 kB.
const MaxLines = 50

// maxLineReadings bounds the readings that are kept of one line.
const maxLineReadings = 32

// recent is a ring of the last lines. Each takes over the memory of the one in whose
// place it comes, so that none costs an allocation.
type recent struct {
	ring [MaxLines]entry
	seq  uint64 // of the newest; 0: there is none
}

// entry is one line. Of its readings only the lengths of the values are of use: what
// they were stands in bytes, behind the text.
type entry struct {
	at       time.Time
	kind     monitor.Kind
	err      string
	bytes    []byte
	text     int // bytes of the text
	readings []device.Reading
	withheld []device.Withheld
}

// add gives the next place to a line.
func (r *recent) add(at time.Time, kind monitor.Kind) *entry {
	e := &r.ring[r.seq%MaxLines]
	r.seq++
	e.at, e.kind, e.err = at, kind, ""
	e.bytes, e.readings, e.withheld = e.bytes[:0], e.readings[:0], e.withheld[:0]
	return e
}

func (r *recent) line(at time.Time, line []byte, readings []device.Reading, withheld []device.Withheld, err error) (seq uint64) {
	e := r.add(at, monitor.In)
	if err != nil {
		e.kind, e.err = monitor.Refused, err.Error()
	}
	e.bytes = append(e.bytes, line...)
	e.text = len(line)
	e.readings = append(e.readings, readings[:min(len(readings), maxLineReadings)]...)
	e.withheld = append(e.withheld, withheld[:min(len(withheld), maxLineReadings)]...)
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

// events gives all that there are, the oldest first.
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

// Tell keeps anything else among the lines, such as one to the board.
func (r *Recorder) Note(at time.Time, kind monitor.Kind, text string) (seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recent == nil {
		return 0
	}
	return r.recent.note(at, kind, text)
}

// Recent gives the last lines, the oldest first.
func (r *Recorder) Recent() []monitor.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recent == nil {
		return nil
	}
	return r.recent.events()
}

// Keeps tells whether anything but the count of lines is kept.
func (r *Recorder) Keeping() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.recent != nil
}
