package status

import (
	"fmt"
	"time"
)

// Motion finds out whether a device's lines move on to the broker. Each look at the
// session is passed to Look. The zero value has looked at nothing.
type Motion struct {
	acked  uint64        // lines, at the last look
	since  time.Time     // of the look from which on none moved; zero: they move
	last   time.Time     // look
	linked bool          // lines waited then, and the session was connected
	spent  time.Duration // connected, since
}

// Look takes what is seen at a time: how many lines the broker has acknowledged so far,
// whether lines wait, and whether the session is connected. It returns since when lines
// have waited without one being acknowledged, if the session is connected, and was in
// that time for longer than the limit; else zero.
func (m *Motion) Look(now time.Time, acked uint64, waiting, connected bool, limit time.Duration) time.Time {
	if !waiting || acked != m.acked {
		*m = Motion{acked: acked}
	} else if m.linked {
		m.spent += now.Sub(m.last)
	}
	if waiting && m.since.IsZero() {
		m.since = now
	}
	m.last, m.linked = now, connected && waiting
	if m.linked && m.spent > limit {
		return m.since
	}
	return time.Time{}
}

// NotMoving returns in words that lines wait although the session is connected, or "".
func (s Session) NotMoving() string {
	if s.Stalled.IsZero() {
		return ""
	}
	return fmt.Sprintf("lines wait, and the broker has acknowledged none since %s (hint: look in the log of the broker)", s.Stalled.UTC().Format(time.RFC3339))
}
