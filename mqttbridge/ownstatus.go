package mqttbridge

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/publisher"
	"arduino-gateway/internal/wake"
)

const (
	// echoTime is how long a broker may take to send a status back. It is also the first
	// pause between two repetitions of the status, which doubles up to repeatMax, so that
	// two gateways do not correct each other for ever.
	echoTime  = 5 * time.Second
	repeatMax = 5 * time.Minute
	// calmAfter without a wrong status ends what is suspected, and the pauses.
	calmAfter = 10 * time.Minute
	// lostStatuses in a row that did not come back are reported: on a broker of several
	// nodes a subscription may begin late.
	lostStatuses = 2
	// strangeStatuses are how many times "online" must come from elsewhere on one
	// connection. One or two may be old ones of this session, from a connection that
	// broke.
	strangeStatuses = 3
)

// ownStatus decides what follows from the messages on a session's own status topic:
// when to publish the status again, and what to report.
type ownStatus struct {
	echoTime  time.Duration
	listening bool      // the subscription is granted on this connection
	seen      string    // on this connection, the last; "" is none
	due       time.Time // to be judged then; zero: there is nothing to judge
	repeats   int       // in a row, without calmAfter between them
	repeated  time.Time // the last one
	lost      int       // statuses in a row that did not come back
	strange   int       // "online" from elsewhere, on this connection
	strangeAt time.Time // the last one
	strangers bool      // another client publishes on the topic
}

// judgement is what to do now.
type judgement struct {
	repeat    bool // publish the status again
	delivered bool // the last status came back
	lost      bool // statuses do not come back
}

// connected begins a connection.
func (o *ownStatus) connected() {
	o.listening, o.seen, o.due, o.lost, o.strange, o.repeats = false, "", time.Time{}, 0, 0, 0
}

// granted begins to expect what is published.
func (o *ownStatus) granted(now time.Time) { o.listening, o.due = true, now.Add(o.echoTime) }

// published expects a status that is published about now.
func (o *ownStatus) published(now time.Time) {
	if o.listening && o.due.IsZero() {
		o.due = now.Add(o.echoTime)
	}
}

// came takes a message on the topic; ours: this connection published it.
func (o *ownStatus) came(now time.Time, status string, ours, retained bool) {
	o.seen = status
	switch {
	case ours && o.lost > 0:
		o.due = now
	case ours:
	case status == publisher.Online && !retained:
		o.strange++
		o.strangeAt = now
		o.strangers = o.strangers || o.strange >= strangeStatuses
		fallthrough
	default:
		o.due = latest(now, o.repeated.Add(o.pause()))
	}
}

// judge decides at due, by what was published.
func (o *ownStatus) judge(now time.Time, said publisher.Said) (j judgement) {
	if o.strangers && now.Sub(o.strangeAt) >= calmAfter {
		o.strangers = false
	}
	wrong := said.Unseen || o.seen != said.Status
	switch {
	case !o.listening:
		o.due = time.Time{}
		return j
	case said.Count == 0 || !said.Acked: // a slow broker
		o.due = now.Add(o.echoTime)
		return j
	case wrong:
		j.repeat = true
		o.repeat(now)
	default:
		j.delivered, o.lost, o.due = true, 0, time.Time{}
	}
	if said.Unseen {
		o.lost++
		j.lost = o.lost >= lostStatuses
	}
	if o.strangers && !wrong {
		o.due = o.strangeAt.Add(calmAfter)
	}
	return j
}

// repeat counts a repetition, and sets when its success is judged.
func (o *ownStatus) repeat(now time.Time) {
	if now.Sub(o.repeated) >= calmAfter {
		o.repeats = 0
	}
	o.repeats++
	o.repeated = now
	o.due = now.Add(o.pause())
}

// pause returns the least time between the last repetition and the next.
func (o *ownStatus) pause() time.Duration {
	if o.repeats == 0 {
		return 0
	}
	pause := o.echoTime
	for i := 1; i < o.repeats && pause < repeatMax; i++ {
		pause *= 2
	}
	return min(pause, repeatMax)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

var (
	errStrangers = errors.New("another client publishes online on it (hint: does another gateway have the same base_topic and a device of this name? Give one of them another name)")
	errDropped   = errors.New("the broker acknowledges this status and does not send it back: it drops what this user publishes there, or does not let this user read it " +
		"(hint: let this user write and read the topic in the broker's access rules)")
)

// statusWatch is a session's ownStatus, used by the goroutine that reads the
// connection, by that of Run, and by callers of SetOnline.
type statusWatch struct {
	mu     sync.Mutex
	own    ownStatus
	look   wake.Signal // something is due
	closed int         // connections in a row that the broker closed instead of granting the subscription
}

// change changes the state, and has Run look at it.
func (w *statusWatch) change(how func(o *ownStatus)) {
	w.mu.Lock()
	how(&w.own)
	w.mu.Unlock()
	w.look.Set()
}

// due returns when to judge.
func (w *statusWatch) due() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.own.due
}

// statusMessage takes a message on the session's own status topic.
func (s *Session) statusMessage(stream *publisher.Stream, m device.Message) {
	status := string(m.Payload)
	if status != publisher.Online && status != publisher.Offline {
		return // cleared, or not ours to judge
	}
	ours := stream.CameBack(status)
	s.status.change(func(o *ownStatus) { o.came(m.At, status, ours, m.Retained) })
}

// judgeStatus acts on what came back from the broker, if it is time.
func (s *Session) judgeStatus(stream *publisher.Stream) {
	said, now, topic := stream.Said(), time.Now(), s.options.StatusTopic
	s.status.mu.Lock()
	own := &s.status.own
	var j judgement
	seen := own.seen
	if !own.due.IsZero() && !now.Before(own.due) {
		j = own.judge(now, said)
	}
	strangers := own.strangers
	s.status.mu.Unlock()
	if j.repeat {
		level := slog.LevelInfo
		if s.conditions.has(notDelivered) {
			level = slog.LevelDebug // it is known, and would be logged for ever
		}
		s.log.Log(context.Background(), level, "status published again", "topic", topic, "status", said.Status, "broker_sent", cmp.Or(seen, "nothing"))
		s.publisher.RepeatStatus()
	}
	if j.lost {
		s.raise(notDelivered, "not delivered", fmt.Errorf("%s: %w", topic, errDropped))
	}
	if j.delivered {
		s.clear(notDelivered, "delivered", "topic", topic)
	}
	if strangers && s.rivalry.get() == nil { // else it is known who
		s.raise(shared, "topics shared", fmt.Errorf("%s: %w", topic, errStrangers))
	} else {
		s.clear(shared, "topics no longer shared", "topic", topic)
	}
}
