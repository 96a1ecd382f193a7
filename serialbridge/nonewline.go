package serialbridge

import (
	"time"

	"arduino-gateway/internal/lineformat"
)

// noNewline watches for a board whose lines have no end, such as a sketch that
// only ever calls Serial.print, or one at another baud rate. Of it nothing else
// would ever be seen.
type noNewline struct {
	before uint64 // bytes dropped in earlier openings
	logs   logLimit
}

// opened begins anew: the half line that an open finds is no sign of anything.
func (e *noNewline) opened(c lineformat.Counts) { e.before = dropped(c) }

// due tells whether to say now how many bytes of this opening were dropped.
func (e *noNewline) due(c lineformat.Counts, now time.Time) (bytes uint64, due bool) {
	bytes = dropped(c) - e.before
	if bytes <= lineformat.MaxLine {
		return 0, false
	}
	due, _ = e.logs.due("endless", now)
	return bytes, due
}

func dropped(c lineformat.Counts) uint64 { return c.SyncBytes + c.OverlongBytes }
