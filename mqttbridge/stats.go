package mqttbridge

import "sync/atomic"

// Stats are a session's counters since it was made, and how it stands now.
type Stats struct {
	Connected      bool
	Problem        string // why it is not connected or not well, in words; "" is nothing
	Connects       uint64 // acceptances by a broker
	Refusals       uint64 // attempts that no broker accepted
	Losses         uint64 // connections that ended unasked
	Takeovers      uint64 // losses that look like another client with the same ID
	PublishedLines uint64 // handed to a connection; again after a loss counts again
	AckedLines     uint64 // acknowledged by the broker, or at QoS 0 handed over
	LateLines      uint64 // of the published, sent to the topic late
	Messages       uint64 // PUBLISH packets handed to a connection
	Commands       uint64 // messages given to the Handler
	Oversized      uint64 // messages passed over because of their size
	ResultsDropped uint64 // because too many waited
}

// counters are what Stats reports, counted where it happens.
type counters struct {
	connected                             atomic.Bool
	problem                               atomic.Pointer[string]
	connects, refusals, losses, takeovers atomic.Uint64
	published, acked, late, messages      atomic.Uint64
	commands, oversized, resultsDropped   atomic.Uint64
}

func (c *counters) stats() Stats {
	s := Stats{
		Connected:      c.connected.Load(),
		Connects:       c.connects.Load(),
		Refusals:       c.refusals.Load(),
		Losses:         c.losses.Load(),
		Takeovers:      c.takeovers.Load(),
		PublishedLines: c.published.Load(),
		AckedLines:     c.acked.Load(),
		LateLines:      c.late.Load(),
		Messages:       c.messages.Load(),
		Commands:       c.commands.Load(),
		Oversized:      c.oversized.Load(),
		ResultsDropped: c.resultsDropped.Load(),
	}
	if problem := c.problem.Load(); problem != nil {
		s.Problem = *problem
	}
	return s
}
