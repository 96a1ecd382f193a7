package mqttbridge

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/mqttconn"
)

// refusalCalm after the last sign that the broker refuses a message, nothing is reported
// any more. The counter stays.
const refusalCalm = 10 * time.Minute

var errSuspect = errors.New("the connection ends whenever it comes (hint: look in the log of the broker: an access rule or a size limit may refuse this message, or another client may use this client ID)")

// refusals is when a session has last seen a sign that the broker refuses a message.
type refusals struct{ last atomic.Pointer[time.Time] }

func (r *refusals) seen() { r.last.Store(new(time.Now())) }

// due returns when the report ends; zero: there is none.
func (r *refusals) due() time.Time {
	if last := r.last.Load(); last != nil {
		return last.Add(refusalCalm)
	}
	return time.Time{}
}

// refused passes on a message that is put aside.
func (s *Session) refused(m device.Refused) {
	s.handler.Refused(m)
	s.raise(refusedMessage, "message put aside", fmt.Errorf("%s (%d bytes): %s", excerpt(m.Topic), len(m.Payload), m.Reason))
	s.refusals.seen()
	s.status.look.Set()
}

// accepted ends the report: the broker has acknowledged the message.
func (s *Session) accepted() {
	s.refusals.last.Store(nil)
	s.clear(refusedMessage, "message accepted")
}

// calm ends the report when it is due.
func (s *Session) calm() {
	if due := s.refusals.due(); !due.IsZero() && !time.Now().Before(due) {
		s.refusals.last.Store(nil)
		s.clear(refusedMessage, "no more messages refused")
	}
}

// suspects has the publisher judge the end of a connection. It reports whether one
// message is the reason, and whether that is proven.
func (s *Session) suspects(err error) (suspect, proven bool) {
	if s.publisher.Lost(mqttconn.ClosedByPeer(err), time.Now()) {
		return true, true
	}
	m, suspect := s.publisher.Suspect()
	if suspect {
		s.raise(refusedMessage, "message refused", fmt.Errorf("%s (%d bytes): %w", excerpt(m.Topic), m.Bytes, errSuspect), "connections", m.Connections)
		s.refusals.seen()
	}
	return suspect, false
}

// judge finds the reason of the end of a connection that lived this long. early: the
// broker closed it soon, perhaps for another client. proven: the broker refuses one
// message, and the next connection goes without it.
func (s *Session) judge(lived time.Duration, err error) (early, proven bool) {
	if s.rivalry.get() != nil {
		s.publisher.Away() // the other gateway ends connections
		return s.watch(lived, err), false
	}
	suspect, proven := s.suspects(err)
	if !suspect {
		return s.watch(lived, err), false
	}
	s.takeovers = takeovers{}
	s.conditions.over(twin)
	return false, proven
}
