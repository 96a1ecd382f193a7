package serialbridge

import "time"

// recoveryStep is what to do about a board that prints nothing, in this order.
// After each step the board has Options.Silence to print again.
type recoveryStep uint8

const (
	keepWaiting  recoveryStep = iota
	reportSilent              // the device is offline
	reopenPort                // the adapter may hang
	resetBoard                // the sketch may hang
	raiseAlarm                // a person has to look
)

// The alarm comes again at growing intervals, after another try of all steps.
const (
	alarmRepeat = time.Minute
	alarmSeldom = time.Hour
)

// watchdog takes one step after another while no line comes. Time is data. It
// outlives the openings of its port.
type watchdog struct {
	limit time.Duration // Options.Silence; 0 is off
	since time.Time     // when the last line came; at first, when the port was first opened
	last  recoveryStep  // the step taken last
	next  time.Time     // when the next step is due
	again time.Duration // from the last alarm to the next try
}

// opened starts the steps over, unless the watchdog itself reopened the port.
func (w *watchdog) opened(at time.Time, boot time.Duration) {
	if w.since.IsZero() {
		w.since = at
	}
	if w.last != reopenPort {
		w.last = keepWaiting
	}
	w.boots(at, boot)
}

// boots adds the boot time to the time the board has.
func (w *watchdog) boots(at time.Time, boot time.Duration) { w.next = at.Add(boot + w.limit) }

// line ends a silence. If a step was taken, back is true and silent is the
// length.
func (w *watchdog) line(at time.Time) (silent time.Duration, back bool) {
	silent, back = at.Sub(w.since), w.last > keepWaiting
	w.since, w.last, w.next, w.again = at, keepWaiting, at.Add(w.limit), 0
	return silent, back
}

// due returns the next step if it is time for it, else keepWaiting.
func (w *watchdog) due(at time.Time) recoveryStep {
	if w.limit == 0 || at.Before(w.next) {
		return keepWaiting
	}
	if w.last == raiseAlarm {
		w.last = reportSilent // the device stays offline
	}
	w.last++
	w.next = at.Add(w.limit)
	if w.last == raiseAlarm {
		w.again = min(max(2*w.again, alarmRepeat, w.limit), max(alarmSeldom, w.limit))
		w.next = at.Add(w.again)
	}
	return w.last
}

// skip makes the next step due at once: the last one was not possible.
func (w *watchdog) skip() { w.next = time.Time{} }
