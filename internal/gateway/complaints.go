package gateway

import (
	"errors"
	"time"

	"arduino-gateway/device"
)

// complainEvery is how often the log tells of lines that could not be read, and
// of values out of bounds.
const complainEvery = time.Minute

// complain counts the values out of bounds. A sensor that is broken is so for
// every line: the log shows one a minute.
func (d *Device) complain(at time.Time, withheld []device.Withheld) {
	for _, w := range withheld {
		if !w.Bad {
			continue
		}
		total := d.counts.outOfBounds.Add(1)
		if d.toldOutOfBounds.due(at) {
			d.Log.Warn("a value is out of bounds and not published", "device", d.ID,
				"reading", w.Name, "value", excerpt([]byte(w.Value)), "error", w.Why, "total", total)
		}
	}
}

// refuse counts a line that nothing could be made of, unless it is a header. A
// sketch that chats does so for ever: the log shows one line a minute, and how
// many there were.
func (d *Device) refuse(at time.Time, line []byte, err error) {
	if errors.Is(err, device.ErrHeader) {
		return
	}
	total := d.counts.refused.Add(1)
	if d.toldRefused.due(at) {
		d.Log.Warn("a line was not understood and not published", "device", d.ID,
			"line", excerpt(line), "error", err, "total", total)
	}
}

// seldom is when a complaint was last made.
type seldom struct{ told time.Time }

// due tells whether to make it again.
func (s *seldom) due(at time.Time) bool {
	if !s.told.IsZero() && at.Sub(s.told) < complainEvery {
		return false
	}
	s.told = at
	return true
}

// excerpt keeps a log line short, whatever the board sent.
func excerpt(line []byte) string {
	const most = 80
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}
