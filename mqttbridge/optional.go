package mqttbridge

import (
	"context"
	"slices"
	"strings"
	"time"

	"arduino-gateway/internal/mqttconn"
)

// maxClosed bounds the connections that a broker may close over the optional
// subscriptions before the session stops asking.
const maxClosed = 2

// optional is the request for the session's own status topic and for Options.Watch. A
// refusal is not a fault: the session only knows less.
type optional struct {
	answered <-chan struct{} // nil: not asked, or the answer is known
	granted  func(filter string) bool
}

// subscribeOptional asks for the optional topics. With Options.Watch it waits for the
// answer, so that what others have retained there arrives before the session publishes.
func (s *Session) subscribeOptional(ctx context.Context, conn *mqttconn.Conn) *optional {
	s.status.change((*ownStatus).connected)
	filters := s.options.optional()
	if len(filters) == 0 || s.status.closed >= maxClosed {
		return new(optional)
	}
	answered, granted := conn.Listen(filters...)
	sub := &optional{answered, granted}
	if len(s.options.Watch) == 0 {
		return sub
	}
	patience := time.NewTimer(s.times.Answer)
	defer patience.Stop()
	select {
	case <-answered:
	case <-conn.Lost():
	case <-ctx.Done():
	case <-patience.C:
	}
	return sub
}

// optionalAnswered takes the broker's answer.
func (s *Session) optionalAnswered(sub *optional) {
	sub.answered = nil
	s.status.closed = 0
	if filter := s.options.statusFilter(); filter != "" && sub.granted(filter) {
		s.status.change(func(o *ownStatus) { o.granted(time.Now()) })
	}
}

// optionalLost counts a connection that the broker closed instead of answering, as some
// do if the user may not read a topic.
func (s *Session) optionalLost(sub *optional, cause error) {
	if sub.answered != nil && mqttconn.ClosedByPeer(cause) {
		s.status.closed++
	}
}

// optional returns the topics that the session would like to receive.
func (o Options) optional() []string {
	filters := slices.Clone(o.Watch)
	if own := o.statusFilter(); own != "" && !slices.Contains(filters, own) {
		filters = append(filters, own)
	}
	return filters
}

// statusFilter returns the filter that brings the session's own status: one of Watch, or
// its topic. Some brokers send what two filters match twice.
func (o Options) statusFilter() string {
	for _, filter := range o.Watch {
		if matches(filter, o.StatusTopic) {
			return filter
		}
	}
	return o.StatusTopic
}

// watches reports whether a topic is one of Watch.
func (o Options) watches(topic string) bool {
	return slices.ContainsFunc(o.Watch, func(filter string) bool { return matches(filter, topic) })
}

// matches reports whether a topic matches a filter with + for whole levels.
func matches(filter, topic string) bool {
	for {
		wanted, moreWanted, ok := strings.Cut(filter, "/")
		level, more, is := strings.Cut(topic, "/")
		if wanted != "+" && wanted != level || ok != is {
			return false
		}
		if !ok {
			return true
		}
		filter, topic = moreWanted, more
	}
}
