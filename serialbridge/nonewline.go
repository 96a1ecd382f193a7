package serialbridge

import (
	"time"

	"arduino-gateway/internal/lineformat"
)

// noNewline watches for a board whose lines never end, such as a sketch that
// only calls Serial.print, or a board at another baud rate. Nothing else would
// show it.
type noNewline struct {
	before uint64 // bytes dropped in earlier openings
	logs   logLimit
}

// opened starts an opening: its first half line is not counted.
func (n *noNewline) opened(c lineformat.Counts) { n.before = dropped(c) }

// due reports how many bytes of this opening were dropped, and whether to log
// that now.
func (n *noNewline) due(c lineformat.Counts, now time.Time) (bytes uint64, due bool) {
	bytes = dropped(c) - n.before
	if bytes <= lineformat.MaxLine {
		return 0, false
	}
	due, _ = n.logs.due("endless", now)
	return bytes, due
}

func dropped(c lineformat.Counts) uint64 { return c.SyncBytes + c.OverlongBytes }
