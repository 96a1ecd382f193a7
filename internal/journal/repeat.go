package journal

import (
	"slices"
	"time"
)

// repeatTime is how long a broker may take, on one connection, to deliver again what it
// has no acknowledgement for. mosquitto and most others do it at once, NATS after its
// ack_wait of 30 seconds. After that a message under a known packet identifier is a new
// one, also if the broker marks it as a duplicate: it may have tried to deliver it on a
// connection that was dead.
const repeatTime = time.Minute

// Connected reports that the broker has accepted the session. kept: it knows the session,
// and may deliver again what came before.
func (j *Journal) Connected(at time.Time, kept bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.since = at
	if !kept {
		j.forget(func(*Command) bool { return true })
	}
}

// Disconnected reports that the connection has ended. What the broker had time to deliver
// again on it, it has acknowledged.
func (j *Journal) Disconnected(at time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget(func(c *Command) bool { return j.settled(c, at) })
}

// Forget drops the packet identifiers: those of another session mean other commands.
func (j *Journal) Forget() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forget(func(*Command) bool { return true })
}

// forget drops such packet identifiers, and finished commands that nothing else is to be
// known of.
func (j *Journal) forget(such func(*Command) bool) {
	any := false
	for _, c := range j.commands {
		if c.Packet != 0 && such(c) {
			j.forgetPacket(c)
			any = true
		}
	}
	if !any {
		return
	}
	j.commands = slices.DeleteFunc(j.commands, func(c *Command) bool {
		over := c.Over && c.Packet == 0
		if over {
			j.live -= c.size
		}
		return over
	})
	j.rewrite() // or the next process would know them
}

// settled reports whether the broker no longer delivers the command again: it was
// connected for long enough since it delivered it.
func (j *Journal) settled(c *Command, now time.Time) bool {
	if j.since.IsZero() {
		return false
	}
	since := j.since
	if c.seen.After(since) {
		since = c.seen
	}
	return now.Sub(since) >= repeatTime
}

// copyOf returns the command of which c is a second delivery, or nil. duplicate is the
// broker's flag that it may be one.
func (j *Journal) copyOf(c *Command, duplicate bool) *Command {
	known := j.packets[c.Packet]
	if known == nil || !duplicate || known.Name != c.Name || known.Value != c.Value || j.settled(known, c.Arrived) {
		return nil
	}
	return known
}
