package arq

import (
	"bytes"
	"time"
)

// wire carries bytes in one direction, in their order, and may harm them.
type wire struct {
	perByte time.Duration
	faults  int // in ten thousand bytes
	chance  func(n int) int
	bytes   []byte
	due     []time.Time
}

func (w *wire) send(now time.Time, data []byte) {
	at := now
	if n := len(w.due); n > 0 && w.due[n-1].After(at) {
		at = w.due[n-1]
	}
	for _, c := range data {
		at = at.Add(w.perByte)
		if w.faults > 0 && w.chance(10000) < w.faults {
			switch w.chance(4) {
			case 0:
				continue // lost
			case 1:
				w.put(at, byte(w.chance(256))) // added
			case 2:
				c = '\n'
			default:
				c ^= 1 << w.chance(8)
			}
		}
		w.put(at, c)
	}
}

func (w *wire) put(at time.Time, c byte) {
	w.bytes, w.due = append(w.bytes, c), append(w.due, at)
}

// arrived gives what has come by now.
func (w *wire) arrived(now time.Time) []byte {
	n := 0
	for n < len(w.due) && !w.due[n].After(now) {
		n++
	}
	data := bytes.Clone(w.bytes[:n])
	w.bytes, w.due = w.bytes[n:], w.due[n:]
	return data
}

// cut loses what is under way.
func (w *wire) cut() { w.bytes, w.due = nil, nil }
