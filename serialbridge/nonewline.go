package serialbridge

import "time"

// endlessTime is how long text may come without a line ending.
const endlessTime = 10 * time.Second

// noNewline watches for a board whose lines never end, such as a sketch that
// only calls Serial.print. Nothing else would show it.
type noNewline struct {
	endings uint64    // so far
	since   time.Time // when the line of now began; zero: not known
	logs    logLimit
}

// opened starts an opening.
func (n *noNewline) opened() { n.since = time.Time{} }

// due reports whether to log now that bytes came without a line ending.
func (n *noNewline) due(bytes, endings uint64, now time.Time) bool {
	if bytes == 0 || endings != n.endings || n.since.IsZero() {
		n.endings, n.since = endings, now
		return false
	}
	if now.Sub(n.since) < endlessTime {
		return false
	}
	due, _ := n.logs.due("endless", now)
	return due
}
