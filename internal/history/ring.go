package history

import (
	"math"
	"time"
)

const (
	// Step is the length of one bucket.
	Step = 2 * time.Second
	// Length is the time for which a bucket is kept.
	Length = time.Hour

	buckets = int64(Length / Step)
)

// ring has the newest buckets of one reading. Buckets are numbered by time; it keeps
// those from newest-buckets+1 to newest. A bucket without a value is NaN.
type ring struct {
	newest   int64 // valid if some is true
	some     bool
	low, top [buckets]float32
}

// add adds a value to its bucket. It ignores a value older than all buckets.
func (r *ring) add(bucket int64, v float32) {
	if !r.some || bucket-r.newest >= buckets {
		r.clear()
		r.some, r.newest = true, bucket
	}
	for r.newest < bucket {
		r.newest++
		i := slot(r.newest)
		r.low[i], r.top[i] = nan, nan
	}
	if r.newest-bucket >= buckets {
		return
	}
	i := slot(bucket)
	if r.low[i] != r.low[i] { // NaN: the first
		r.low[i], r.top[i] = v, v
		return
	}
	r.low[i], r.top[i] = min(r.low[i], v), max(r.top[i], v)
}

// clear empties every bucket, for another reading.
func (r *ring) clear() {
	r.some = false
	for i := range r.low {
		r.low[i], r.top[i] = nan, nan
	}
}

// at returns the numbers of a bucket; ok is false if it has none.
func (r *ring) at(bucket int64) (low, top float32, ok bool) {
	if !r.some || bucket > r.newest || r.newest-bucket >= buckets {
		return 0, 0, false
	}
	i := slot(bucket)
	return r.low[i], r.top[i], r.low[i] == r.low[i]
}

var nan = float32(math.NaN())

func slot(bucket int64) int64 {
	i := bucket % buckets
	if i < 0 {
		i += buckets
	}
	return i
}
