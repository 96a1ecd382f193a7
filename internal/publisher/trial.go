package publisher

import (
	"math/rand/v2"
	"time"
)

const (
	// enoughEnds connections in a row must end while one message alone was on its way,
	// before it is put aside.
	enoughEnds = 4
	// reportAfter connections in a row the message is reported.
	reportAfter = 3
	// promptly is how soon after the message the broker must close the connection. One
	// that waits longer has another reason.
	promptly = 5 * time.Second
	// holdJitter is added to each of holds, less than all of it.
	holdJitter = 500 * time.Millisecond
	// statusTime is how long a message waits for the PUBACK of the status before it.
	statusTime = 2 * time.Second
	// maxBefore is how many messages may pass before the suspect comes again. Then it has
	// gone, such as a message that another one replaced.
	maxBefore = 1000
	// afterRefusal is how many messages are still sent one at a time after a refusal:
	// the next ones may be like the last.
	afterRefusal = 16
)

// holds are how long a connection is quiet before a suspect is sent: after its first
// ending, its second, and its third. Another client with the same ID ends connections at
// any time, and so within these times, too. What ends all connections at the same age
// cannot end one promptly after each of them: the last is longer than the first by more
// than promptly.
var holds = [enoughEnds - 1]time.Duration{time.Second, 3 * time.Second, 7 * time.Second}

// identity names a message over several connections.
type identity struct {
	kind   byte   // as in item
	number uint64 // seq of a line, or number of a message
	index  uint16 // of a line's publishes
	topic  string
}

// ending is how a connection has ended.
type ending struct {
	byBroker bool          // the broker or the network closed it
	unacked  int           // messages without a PUBACK
	again    bool          // one of them had none at the end of the connection before, either
	alone    bool          // there was only this one, sent when all others were acknowledged
	message  identity      //
	after    time.Duration // from its write to the end
	held     bool          // the connection had been quiet for hold before
	others   bool          // the broker had acknowledged another message on this connection
}

// trial finds the message for which a broker closes connections. After two connections in
// a row that ended with one message on its way, as many are sent one at a time as were on
// their way. A network that breaks often does not do that: between two endings, all that
// was on its way passes, and is not slowed down. If a
// connection ends while a message is alone on its way, this one is the suspect. On the
// next connections it is sent after a time of quiet, which is longer each time.
//
// Only a row of such endings proves anything. Any other ending begins anew: a broker that
// restarts, a network that breaks or another client with the same ID also end
// connections, but not always at the same message. A broker that has acknowledged nothing
// else on the connection may refuse everything, and then messages wait.
type trial struct {
	left    int // so many messages are still sent one at a time
	row     int // connections in a row that ended over the same messages
	ends    int // the last ones of them that prove that it is the suspect
	suspect identity
	before  int // messages that passed since the connection before
}

// narrow reports whether messages are sent one at a time.
func (t *trial) narrow() bool { return t.left > 0 || t.suspect != identity{} }

// suspects reports whether a message is held back before it is sent.
func (t *trial) suspects(m identity) bool { return m == t.suspect }

// hold returns how long to hold back the suspect.
func (t *trial) hold() time.Duration {
	return holds[min(max(t.ends-1, 0), len(holds)-1)] + rand.N(holdJitter)
}

// reported reports whether to name the suspect.
func (t *trial) reported() bool { return t.row >= reportAfter && t.suspect != identity{} }

// passed takes the PUBACK of a message that was alone on its way, and reports whether it
// was a suspect that had been reported.
func (t *trial) passed(m identity) (cleared bool) {
	t.left, t.before = max(0, t.left-1), t.before+1
	if m == t.suspect || t.before == maxBefore {
		cleared = t.reported()
		*t = trial{left: t.left}
	}
	return cleared
}

// ended takes the end of a connection, and reports whether the broker refuses the
// suspect.
func (t *trial) ended(e ending) (refused bool) {
	t.before = 0
	switch {
	case !e.byBroker || e.unacked == 0:
		*t = trial{}
	case !e.alone || e.after > promptly:
		*t = trial{row: t.wide(e), left: e.unacked}
		if !e.again {
			t.left = 0
		}
	case e.message != t.suspect:
		if t.suspect != (identity{}) {
			t.row = 0
		}
		t.row++
		t.suspect, t.ends = e.message, 0
		t.count(e)
	default:
		t.row++
		if e.held {
			t.count(e)
		}
	}
	if t.ends < enoughEnds {
		return false
	}
	*t = trial{left: max(t.left, afterRefusal)}
	return true
}

// wide returns the connections in a row that ended over the same messages, after one that
// ended with several on their way, or long after the only one. More than two prove nothing.
func (t *trial) wide(e ending) (row int) {
	if !e.again || t.row == 0 || t.suspect != (identity{}) {
		return 1
	}
	return 2
}

// count counts an ending as a proof. The status comes first on each connection, and
// leaving it out loses nothing.
func (t *trial) count(e ending) {
	if e.others || e.message.kind == ofStatus {
		t.ends++
	}
}
