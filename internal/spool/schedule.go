package spool

import (
	"time"

	"arduino-gateway/internal/wake"
)

const (
	retryEvery   = 3 * time.Second // between attempts to use a failed disk again
	lazySync     = time.Minute     // until an fsync of what needs none in Options.Sync
	dropLogEvery = time.Minute     // between log lines about dropped records of a queue
)

// schedule is what Run has to do and when; a zero time means never. Spool.mu
// guards it.
type schedule struct {
	wake    wake.Signal // Run looks at the schedule again
	checkAt time.Time   // look for records that still wait without an fsync
	syncAt  time.Time   // fsync whatever is left
	ackAt   time.Time   // write the acknowledgements
	retryAt time.Time   // try the failed disk
	lateAt  time.Time   // read files of earlier runs that could not be read at the start
	room    bool        // delete segments, at once
	roomAt  time.Time   // delete segments that could not be deleted
	armed   time.Time   // when Run wakes next
}

// at wakes Run if it would sleep longer than until t.
func (d *schedule) at(t time.Time) {
	if d.armed.IsZero() || t.Before(d.armed) {
		d.wake.Set()
	}
}

// checkLater schedules a check for a record that was written now.
func (d *schedule) checkLater(now time.Time, sync time.Duration) {
	if d.checkAt.IsZero() {
		d.checkAt = now.Add(sync / 2)
		d.at(d.checkAt)
	}
	d.syncLater(now)
}

// syncLater schedules the fsync of whatever is left.
func (d *schedule) syncLater(now time.Time) {
	if d.syncAt.IsZero() {
		d.syncAt = now.Add(lazySync)
		d.at(d.syncAt)
	}
}

// acksLater schedules a write of the acknowledgements, unless there is one.
func (d *schedule) acksLater(now time.Time) {
	if d.ackAt.IsZero() {
		d.ackAt = now.Add(ackDelay)
		d.at(d.ackAt)
	}
}

// makeRoom has Run delete segments, or reduce a log that is too large.
func (d *schedule) makeRoom() {
	d.room = true
	d.wake.Set()
}

// roomLater schedules another attempt to make room.
func (d *schedule) roomLater(now time.Time) {
	d.roomAt = now.Add(retryEvery)
	d.at(d.roomAt)
}

// retry schedules another attempt to use a failed disk.
func (d *schedule) retry(now time.Time) {
	d.retryAt = now.Add(retryEvery)
	d.wake.Set()
}

// arm returns how long nothing will be due; ok is false if nothing ever will.
func (d *schedule) arm(now time.Time) (wait time.Duration, ok bool) {
	d.armed = time.Time{}
	for _, at := range []time.Time{d.checkAt, d.syncAt, d.ackAt, d.retryAt, d.roomAt, d.lateAt} {
		if !at.IsZero() && (d.armed.IsZero() || at.Before(d.armed)) {
			d.armed = at
		}
	}
	return d.armed.Sub(now), !d.armed.IsZero()
}

func passed(due, now time.Time) bool { return !due.IsZero() && !due.After(now) }
