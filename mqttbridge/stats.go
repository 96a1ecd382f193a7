package mqttbridge

import (
	"sync/atomic"
	"time"
)

// Stats are a session's counters since New, and its state.
type Stats struct {
	Connected      bool
	Problem        string    // the first of Problems; "" is nothing
	Problems       []string  // why it is not connected or not well, in words, the worst first
	Subscribed     bool      // connected, and the broker has granted the subscription to commands
	Deaf           bool      // offline only because the broker has not: the device accepts commands
	DeafSince      time.Time // when Deaf changed; zero is never
	Connects       uint64    // acceptances by a broker
	Refusals       uint64    // attempts that a broker did not accept
	Losses         uint64    // connections that ended unasked
	Takeovers      uint64    // losses that look like another client with the same ID
	PublishedLines uint64    // handed to a connection; again after a loss counts again
	AckedLines     uint64    // acknowledged by the broker, or at QoS 0 handed over
	LateLines      uint64    // of the published, sent to the topic late
	Messages       uint64    // PUBLISH packets handed to a connection
	Commands       uint64    // messages passed to the Handler as commands
	Oversized      uint64    // messages whose payload was too long to keep
	ResultsDropped uint64    // because too many waited
	Refused        uint64    // messages put aside
}

// counters are what the session itself counts.
type counters struct {
	connected                             atomic.Bool
	connects, refusals, losses, takeovers atomic.Uint64
	commands, oversized                   atomic.Uint64
}

// Stats returns the counters. It may be called at any time.
func (s *Session) Stats() Stats {
	c, published := &s.counted, s.publisher.Counts()
	stats := Stats{
		Connected:      c.connected.Load(),
		Connects:       c.connects.Load(),
		Refusals:       c.refusals.Load(),
		Losses:         c.losses.Load(),
		Takeovers:      c.takeovers.Load(),
		PublishedLines: published.Published,
		AckedLines:     published.Acked,
		LateLines:      published.Late,
		Messages:       published.Messages,
		Commands:       c.commands.Load(),
		Oversized:      c.oversized.Load(),
		ResultsDropped: published.ResultsDropped,
		Refused:        published.Refused,
	}
	s.presence.read(&stats)
	for _, p := range s.conditions.all() {
		stats.Problems = append(stats.Problems, p.text)
	}
	if len(stats.Problems) > 0 {
		stats.Problem = stats.Problems[0]
	}
	return stats
}

// Err returns why the session is not connected or not well, nil if it is. It
// wraps a [RefusedError] if a broker refused the session. It may be called at any
// time.
func (s *Session) Err() error {
	if all := s.conditions.all(); len(all) > 0 {
		return all[0].err
	}
	return nil
}
