package publisher

import "time"

const (
	// A topic is tried again after firstTerm, and after each further refusal twice as
	// long as before, up to lastTerm.
	firstTerm = time.Hour
	lastTerm  = 24 * time.Hour
	// maxVerdicts bounds the topics that are remembered.
	maxVerdicts = 64
)

// verdict is what is known about a topic on which the broker has refused a message.
type verdict struct {
	size   int  // bytes of the smallest payload that was refused
	whole  bool // every message is refused
	passed bool // a smaller one was acknowledged since
	until  time.Time
	term   time.Duration
	last   uint64 // seq of the line that was put aside last; 0: none since the refusal
}

// verdicts are those of a publisher, by topic.
type verdicts map[string]*verdict

// refuses reports whether the broker is known to refuse such a message. If nothing is
// known of its size, try is true: it must be sent alone, to learn from its PUBACK.
func (v verdicts) refuses(topic string, size int, now time.Time) (refused, try bool) {
	one, known := v[topic]
	switch {
	case !known || !now.Before(one.until):
		return false, false
	case one.whole || size >= one.size:
		return true, false
	}
	return false, !one.passed
}

// passed takes the PUBACK of a message.
func (v verdicts) passed(topic string) {
	if one, known := v[topic]; known {
		one.passed = true
	}
}

// add remembers that the broker refuses a message. Two refusals without a PUBACK between
// them are about the topic, and not about the size.
func (v verdicts) add(topic string, size int, now time.Time) {
	one, known := v[topic]
	if !known {
		v.makeRoom()
		one = &verdict{size: size, term: firstTerm / 2}
		v[topic] = one
	} else if now.Before(one.until) {
		one.whole = !one.passed
		one.size = min(one.size, size)
	} else {
		one.size, one.whole, one.passed = size, false, false
	}
	one.term, one.last = min(2*one.term, lastTerm), 0
	one.until = now.Add(one.term)
}

// again reports whether a message that is refused was put aside on an earlier connection:
// a line is published again as long as another of its messages has no PUBACK. One status
// is enough.
func (v verdicts) again(m identity) bool {
	one := v[m.topic]
	if m.kind == ofMessage {
		return false
	}
	before := one.last
	one.last = max(before, m.number, 1)
	return before > 0 && m.number <= before
}

// makeRoom forgets the topic that would be tried again first.
func (v verdicts) makeRoom() {
	if len(v) < maxVerdicts {
		return
	}
	first := ""
	for topic, one := range v {
		if first == "" || one.until.Before(v[first].until) {
			first = topic
		}
	}
	delete(v, first)
}
