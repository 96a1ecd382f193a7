package scout

import "time"

// The bounds of what a loose plug may write into a log that is kept for years.
const (
	noticesInARow = 5
	noticeRefill  = 10 * time.Minute // one more each
)

// notices decides whether the log is told of one more listening on a port. It has,
// by the port's value, when all may be told again. Time is data.
type notices map[string]time.Time

func (n notices) due(port string, now time.Time) bool {
	for other, full := range n {
		if !now.Before(full) {
			delete(n, other)
		}
	}
	full, spent := n[port]
	if !spent {
		full = now
	}
	if full.Sub(now) > (noticesInARow-1)*noticeRefill {
		return false
	}
	n[port] = full.Add(noticeRefill)
	return true
}
