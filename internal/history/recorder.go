package history

import (
	"strings"
	"sync"
	"time"

	"arduino-gateway/device"
)

// MaxReadings bounds the readings of a device. Beyond it a new one takes the
// place of the one that was silent longest: garbage on the wire invents names.
const MaxReadings = 32

// rateTime is over how many whole seconds a rate is measured.
const rateTime = 10

// Recorder remembers one device.
type Recorder struct {
	start time.Time // bucket 0 begins

	mu      sync.Mutex
	recent  *recent // nil: neither readings nor lines are kept
	version uint64  // counts changes
	series  []*series
	next    int // where the next reading probably is: lines repeat their order
	last    time.Time
	seconds [rateTime + 1]uint32 // lines of each, by its number
	second  int64                // the newest of them
}

// Line takes a line, understood or not: the readings that are published of it at
// once, what is withheld, and why it was refused. It keeps nothing of what it was
// given. The number that it gives is that of the line among those of Recent; 0
// where none are kept.
func (r *Recorder) Line(at time.Time, line []byte, readings []device.Reading, withheld []device.Withheld, err error) (seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.After(r.last) { // what was held until its board had said who it is comes late
		r.last = at
	}
	since := at.Sub(r.start)
	r.advance(int64(since / time.Second))
	r.seconds[r.second%int64(len(r.seconds))]++
	if r.recent == nil {
		return 0
	}
	r.record(at, since, readings)
	return r.recent.line(at, line, readings, withheld, err)
}

// Readings takes readings that are published later than their line; it keeps
// nothing of them.
func (r *Recorder) Readings(at time.Time, readings []device.Reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recent != nil {
		r.record(at, at.Sub(r.start), readings)
	}
}

// record has readings be the newest; r.mu is held. Since is the time since r.start.
func (r *Recorder) record(at time.Time, since time.Duration, readings []device.Reading) {
	if len(readings) == 0 {
		return
	}
	r.version++
	for i := range readings {
		s := r.find(readings[i].Name)
		s.set(at, int64(since/Step), &readings[i])
		s.version = r.version
	}
}

// advance makes now the newest second.
func (r *Recorder) advance(now int64) {
	if now-r.second > int64(len(r.seconds)) {
		r.second = now - int64(len(r.seconds))
	}
	for r.second < now {
		r.second++
		r.seconds[r.second%int64(len(r.seconds))] = 0
	}
}

// Lines gives when the last line came, zero if none did, and how many came in a
// second of late.
func (r *Recorder) Lines(now time.Time) (last time.Time, rate float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.advance(int64(now.Sub(r.start) / time.Second))
	whole := min(r.second, rateTime)
	if whole == 0 {
		return r.last, 0
	}
	total := uint32(0)
	for s := r.second - whole; s < r.second; s++ { // the second under way is no whole one
		total += r.seconds[s%int64(len(r.seconds))]
	}
	return r.last, float64(total) / float64(whole)
}

// find gives the series of a name; r.mu is held.
func (r *Recorder) find(name string) *series {
	for i := range r.series {
		at := r.next + i
		if at >= len(r.series) {
			at -= len(r.series)
		}
		if s := r.series[at]; s.name == name {
			r.next = at + 1
			return s
		}
	}
	s := r.room()
	s.name = strings.Clone(name)
	return s
}

// room makes a series, or takes the oldest one's.
func (r *Recorder) room() *series {
	if len(r.series) < MaxReadings {
		s := &series{}
		s.numbers.clear()
		r.series = append(r.series, s)
		return s
	}
	oldest := r.series[0]
	for _, s := range r.series {
		if s.version < oldest.version {
			oldest = s
		}
	}
	oldest.unit = ""
	oldest.numbers.clear()
	return oldest
}

// Latest is a reading as it stands.
type Latest struct {
	Name, Value, Unit string
	At                time.Time
	Bucket            int64 // of At
	Low, Top          float32
	Number            bool // Low and Top are those of the bucket so far
}

// Since gives the readings that changed after a version, in the order in which
// they first came, and the version that they have now; 0 gives all.
func (r *Recorder) Since(version uint64) ([]Latest, uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var changed []Latest
	for _, s := range r.series {
		if s.version <= version {
			continue
		}
		l := Latest{Name: s.name, Value: string(s.text), Unit: s.unit, At: s.at, Bucket: int64(s.at.Sub(r.start) / Step)}
		l.Low, l.Top, l.Number = s.numbers.at(l.Bucket)
		changed = append(changed, l)
	}
	return changed, r.version
}

// Point is one bucket that holds numbers.
type Point struct {
	At       time.Time // its beginning
	Bucket   int64
	Low, Top float32
}

// Points gives the buckets of a reading since a time, oldest first; false where
// there is no such reading. The times follow the wall's clock as it is now.
func (r *Recorder) Points(name string, now, since time.Time) (points []Point, ok bool) {
	epoch := r.Epoch(now)
	from := max(int64(since.Sub(r.start)/Step), int64(now.Sub(r.start)/Step)-buckets)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.series {
		if s.name != name {
			continue
		}
		for b := from; b <= s.numbers.newest; b++ {
			if low, top, some := s.numbers.at(b); some {
				points = append(points, Point{epoch.Add(time.Duration(b) * Step), b, low, top})
			}
		}
		return points, true
	}
	return nil, false
}

// Epoch is when bucket 0 began, by the wall's clock as it is now.
func (r *Recorder) Epoch(now time.Time) time.Time { return now.Add(-now.Sub(r.start)).Round(0) }
