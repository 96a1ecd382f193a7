package history

import (
	"math"
	"time"
)

const (
	// Step is the time of one bucket.
	Step = 2 * time.Second
	// Length is how long a bucket is kept.
	Length = time.Hour

	buckets = int64(Length / Step)
)

// ring holds the newest buckets of one reading. Buckets are numbered by time;
// of the numbers up to newest those above newest-buckets are kept. A bucket
// without a value holds NaN.
type ring struct {
	newest   int64 // only where some is true
	some     bool
	low, top [buckets]float32
}

// add takes a value into its bucket. One older than all that is kept is passed
// over.
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

// clear empties every bucket, so that the memory serves another reading.
func (r *ring) clear() {
	r.some = false
	for i := range r.low {
		r.low[i], r.top[i] = nan, nan
	}
}

// at gives a bucket; false where it holds nothing.
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
