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

// A cycle is a reopening and a reset. The pause before the next one doubles with
// each, from pauseFirst to pauseMost, or from Options.Silence if that is longer.
const (
	pauseFirst = time.Minute
	pauseMost  = time.Hour

	alarmAfter = 3                // cycles, for a board that prints after some of them
	steadyFor  = 10 * time.Minute // a board that keeps printing for so long works: its cycles are forgotten
)

// watchdog takes one step after another while no line comes. Time is data. It
// outlives the openings of its port.
//
// A line from the first moments after a restart of ours may be the banner of a
// board that hangs again. It proves nothing until the board has had its boot
// time and, after that, Options.Silence: a banner is over by then, or the next
// step is due. An earlier line gives the board more time, as any line does.
//
// So a restart that helps for a while is repeated without a pause, and one that
// does not help is repeated more and more seldom. The number of cycles, and with
// it the alarm, stays until the board has printed for steadyFor.
type watchdog struct {
	limit   time.Duration // Options.Silence; 0 is off
	since   time.Time     // when the last line came that proved something; at first, when the port was first opened
	last    recoveryStep  // the step taken last
	next    time.Time     // when the next step is due
	proof   time.Time     // a line that was read before it may be a banner
	cycles  int           // begun since the board last worked
	pause   time.Duration // before the next cycle
	steady  time.Time     // a board that prints until then works
	printed bool          // a line came since the last reopening
	mute    bool          // at the last reopening: none had come since the one before
}

// opened starts the steps over, unless the watchdog itself reopened the port.
func (w *watchdog) opened(at time.Time, s startup) {
	if w.since.IsZero() {
		w.since = at
	}
	ours := w.last == reopenPort
	if !ours {
		w.last = keepWaiting
	}
	w.boots(at, s.boot)
	if !ours || !s.mayReset {
		w.proof = time.Time{}
	}
}

// boots gives the board its time after a restart, and asks it for a proof.
func (w *watchdog) boots(at time.Time, boot time.Duration) {
	w.next = at.Add(boot + w.limit)
	w.proof = w.next
	w.steady = at.Add(max(steadyFor, w.limit))
}

// proves reports whether a line that is read at that time shows that the board
// works.
func (w *watchdog) proves(read time.Time) bool { return !read.Before(w.proof) }

// line takes a line. The board's time counts from now, which is later than read
// if the line had to wait. If the line ends a silence of which a step was taken,
// back is true and silent is the length.
func (w *watchdog) line(read, now time.Time) (silent time.Duration, back bool) {
	w.printed = true
	if !w.proves(read) {
		if next := now.Add(w.limit); next.After(w.next) {
			w.next = next
		}
		return 0, false
	}
	silent, back = now.Sub(w.since), w.last > keepWaiting
	if w.last >= reopenPort {
		w.pause = 0
	}
	switch {
	case back:
		w.steady = now.Add(max(steadyFor, w.limit))
	case !now.Before(w.steady):
		w.cycles, w.pause = 0, 0
	}
	w.since, w.last, w.next, w.proof = now, keepWaiting, now.Add(w.limit), time.Time{}
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
	switch w.last {
	case reportSilent:
		w.next = at.Add(max(w.pause, w.limit))
	case reopenPort:
		w.cycles++
		w.pause = min(max(2*w.pause, pauseFirst, w.limit), max(pauseMost, w.limit))
		w.mute, w.printed = w.cycles > 1 && !w.printed, false
	case raiseAlarm:
		w.next = at.Add(w.pause)
		if !w.alarming() {
			return keepWaiting
		}
	}
	return w.last
}

// alarming reports whether a person has to look: all steps brought no line, or
// the board stopped again after several cycles.
func (w *watchdog) alarming() bool {
	return w.last == raiseAlarm && !w.printed || w.last > keepWaiting && w.cycles >= alarmAfter
}

// skip makes the next step due at once: the last one was not possible.
func (w *watchdog) skip() { w.next = time.Time{} }
