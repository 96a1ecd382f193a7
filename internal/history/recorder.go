package history

import (
	"strings"
	"sync"
	"time"

	"arduino-gateway/device"
)

// MaxReadings is the number of readings of a device that are kept. A further one
// replaces the one without a value for longest: garbage on the wire invents names.
const MaxReadings = 32

// rateTime is the number of whole seconds over which a rate is measured.
const rateTime = 10

// Recorder keeps the history of one device.
type Recorder struct {
	start time.Time // of bucket 0

	mu      sync.Mutex
	recent  *recent // nil: neither readings nor lines are kept
	version uint64  // counts changes
	series  []*series
	next    int // index where the next reading probably is: lines repeat their order
	last    time.Time
	seconds [rateTime + 1]uint32 // lines in each second, by its number
	second  int64                // the number of the newest
}

// Line adds a line. It keeps no reference to what is in it. It returns the number of the
// line among those of Recent, 0 if lines are not kept.
func (r *Recorder) Line(line device.Heard) (seq uint64) {
	at := line.Time
	r.mu.Lock()
	defer r.mu.Unlock()
	if at.After(r.last) { // lines that were held until the board had identified itself come late
		r.last = at
	}
	since := at.Sub(r.start)
	r.advance(int64(since / time.Second))
	r.seconds[r.second%int64(len(r.seconds))]++
	if r.recent == nil {
		return 0
	}
	r.record(at, since, line.Kept)
	return r.recent.line(&line)
}

// Readings adds readings that are published later than their line. It keeps no reference
// to them.
func (r *Recorder) Readings(at time.Time, readings []device.Reading) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.recent != nil {
		r.record(at, at.Sub(r.start), readings)
	}
}

// record sets the newest values; r.mu is held. since is the time since r.start.
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

// advance moves on to the second now.
func (r *Recorder) advance(now int64) {
	if now-r.second > int64(len(r.seconds)) {
		r.second = now - int64(len(r.seconds))
	}
	for r.second < now {
		r.second++
		r.seconds[r.second%int64(len(r.seconds))] = 0
	}
}

// Lines returns the time of the last line, zero if there was none, and the number of
// lines per second in the last ten seconds.
func (r *Recorder) Lines(now time.Time) (last time.Time, rate float64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.advance(int64(now.Sub(r.start) / time.Second))
	whole := min(r.second, rateTime)
	if whole == 0 {
		return r.last, 0
	}
	total := uint32(0)
	for s := r.second - whole; s < r.second; s++ { // without the current second, which is not over
		total += r.seconds[s%int64(len(r.seconds))]
	}
	return r.last, float64(total) / float64(whole)
}

// find returns the series with this name; r.mu is held.
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
	s := r.newSeries()
	s.name = strings.Clone(name)
	return s
}

// newSeries returns an empty series, which may be the oldest one.
func (r *Recorder) newSeries() *series {
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

// Latest is the newest value of a reading.
type Latest struct {
	Name, Value, Unit string
	At                time.Time
	Bucket            int64 // of At
	Low, Top          float32
	Number            bool // Low and Top are those of the bucket so far
}

// Since returns the readings that changed after a version, in the order in which they
// first came, and the present version. After version 0 it returns all readings.
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

// Point is one bucket with numbers.
type Point struct {
	At       time.Time // its beginning
	Bucket   int64
	Low, Top float32
}

// Points returns the buckets of a reading since a time, the oldest first; ok is false if
// there is no such reading. The times follow the wall clock as it is now.
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

// Epoch returns the time of bucket 0, by the wall clock as it is now.
func (r *Recorder) Epoch(now time.Time) time.Time { return now.Add(-now.Sub(r.start)).Round(0) }
