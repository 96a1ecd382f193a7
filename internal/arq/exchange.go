package arq

import (
	"slices"
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/protocol"
)

const (
	// window bounds the numbers in hand, from the oldest without an answer on: a
	// board remembers its last four answers.
	window = 4

	// patience is how long an answer may take before its line is sent again; or
	// twice the longest that this board has taken, up to longest.
	patience = time.Second
	longest  = 5 * time.Second

	// Grace is how long after its time a command that was sent is still asked after.
	Grace = 3 * time.Second
)

// Command is what a board is to run.
type Command struct {
	ID      uint64 // the caller's
	Text    string // NAME=VALUE, such as Check takes
	Expires time.Time
}

// Sent is a command under the number with which it went out.
type Sent struct {
	Command
	Number uint16
}

// Check tells why a text can't be sent to any board; nil where it can.
func Check(text string) error {
	_, err := protocol.AppendCommand(nil, protocol.MaxNumber, text)
	return err
}

// Fate is what became of a command.
type Fate uint8

const (
	Done    Fate = iota // the board ran it once
	Refused             // the board did not, and will not
	Unknown             // it may have run
	Back                // it did not run, and will not unless it is put in again
)

// Outcome ends the exchange's part in a command.
type Outcome struct {
	ID   uint64
	Fate Fate
	Text string // the board's words, or why nothing better is known
}

// Step is what is to be done now.
type Step struct {
	Write []byte    // goes on the wire, whole; nil: nothing. Valid until the next call of Next
	First *Sent     // the command in it, where it goes out in this session for the first time: to be remembered before
	Until time.Time // with nothing to write: when to ask again, if nothing happens before; zero is never
}

// phase is what the exchange is about.
type phase uint8

const (
	away      phase = iota // the port is closed
	listening              // no right checksum came yet: nothing is sent
	asking                 // for a hello, by "?"
	fetching               // the answers to what was sent before the asking
	beginning              // of a session, by "?S"
	open                   // commands go out
	foreign                // the board can't be understood: it is one that only prints lines
)

// Exchange is the gateway's end of the protocol with one board.
type Exchange struct {
	random func() uint16
	phase  phase

	hello     protocol.Collector // of this opening
	described bool               // it is whole

	// Of the phases that ask.
	tries   int       // how often
	asked   time.Time // when last, or when a line of a hello came
	greeted bool      // the answer has begun

	session uint16 // ours; its commands are those in flight
	board   uint16 // the board's, as its last state told
	last    uint16 // number given last
	flying  []flight
	cursor  int       // in phase open, those before it need not be sent
	again   bool      // all in flight are to be sent again, when what was sent is answered
	owed    int       // answers that have not come
	sent    uint64    // lines of commands
	heard   time.Time // when the last answer came
	slowest time.Duration
	credit  protocol.Credit

	outcomes []Outcome
	line     []byte
}

// flight is a command with its number.
type flight struct {
	Sent
	out   bool      // it was sent; such stand before those that were not
	times int       // how often since the phase began
	at    time.Time // when last
	turn  uint64    // the line's place among all that were sent
	end   uint16    // of its first copy, for the credit
	lost  bool      // its answer was: the line is to be sent again
}

// New makes the exchange of a board whose port is closed. Random gives the
// numbers of sessions.
func New(random func() uint16) *Exchange { return &Exchange{random: random} }

// Resume takes up what a former life of the gateway had sent in its last
// session, in the order of the numbers. It comes before anything else.
func (x *Exchange) Resume(session uint16, sent []Sent) {
	x.session = session
	for _, s := range sent {
		x.flying = append(x.flying, flight{Sent: s, out: true})
	}
}

// Speaks tells whether the board has shown, on this opening, that it speaks the
// protocol.
func (x *Exchange) Speaks() bool { return x.phase >= asking && x.phase <= open }

// Busy tells whether commands are in hand.
func (x *Exchange) Busy() bool { return len(x.flying) > 0 }

// Room tells whether a command can be put in.
func (x *Exchange) Room() bool {
	covered := len(x.flying) == 0 || x.last+1-x.flying[0].Number < window
	return x.phase == open && covered && x.last < protocol.MaxNumber
}

// Session is the one in which commands are sent.
func (x *Exchange) Session() uint16 { return x.session }

// Description is the board's, once the hello of this opening is whole.
func (x *Exchange) Description() (device.Description, bool) {
	return x.hello.Description()
}

// Outcomes gives what became of commands since the last call. Those that come
// back are in the order in which they were put in.
func (x *Exchange) Outcomes() []Outcome {
	o := x.outcomes
	x.outcomes = nil
	return o
}

// Put takes a command that passes Check; there is Room.
func (x *Exchange) Put(c Command) {
	x.last++
	x.flying = append(x.flying, flight{Sent: Sent{c, x.last}})
}

// Opened tells that the port is open.
func (x *Exchange) Opened() {
	x.phase, x.hello, x.described, x.board = listening, protocol.Collector{}, false, 0
}

// Closed tells that the port was lost. What was sent is asked after when the
// board is back.
func (x *Exchange) Closed() {
	x.recall(0)
	x.phase = away
}

// GiveUp ends the exchange's part in all commands, as when the gateway stops.
func (x *Exchange) GiveUp(why string) { x.abandon(why) }

// enter begins a phase.
func (x *Exchange) enter(p phase) {
	x.phase, x.tries, x.asked, x.greeted, x.again = p, 0, time.Time{}, false, false
	for i := range x.flying {
		x.flying[i].times, x.flying[i].lost = 0, false
	}
	if p == beginning {
		x.begin()
	}
}

// begin chooses a session. The last one, and the one the board is in, would let
// old commands run.
func (x *Exchange) begin() {
	before := x.session
	for x.session == before || x.session == x.board || x.session == 0 {
		x.session = x.random()
	}
	x.last, x.cursor, x.owed = 0, 0, 0
}

// ask leaves a session to find out what became of its commands.
func (x *Exchange) ask() {
	x.recall(0)
	x.enter(asking)
}

// proceed goes on when the fate of what was sent is known, or to be fetched.
func (x *Exchange) proceed() {
	switch {
	case len(x.flying) > 0:
		x.enter(fetching)
	case x.described:
		x.enter(beginning)
	case x.phase != asking:
		x.enter(asking)
	}
}

// finish ends the part in the i-th command.
func (x *Exchange) finish(i int, fate Fate, text string) {
	x.outcomes = append(x.outcomes, Outcome{x.flying[i].ID, fate, text})
	x.flying = slices.Delete(x.flying, i, i+1)
	if i < x.cursor {
		x.cursor--
	}
}

// recall gives back what was not sent, from the i-th on.
func (x *Exchange) recall(i int) {
	for i < len(x.flying) && x.flying[i].out {
		i++
	}
	x.back(i)
}

// back gives back, from the i-th on, what has not run.
func (x *Exchange) back(i int) {
	if i < len(x.flying) {
		x.last = x.flying[i].Number - 1
	}
	for i < len(x.flying) {
		x.finish(i, Back, "")
	}
}

// abandon says of all that was sent that it may have run, and why nobody knows.
func (x *Exchange) abandon(why string) {
	for len(x.flying) > 0 && x.flying[0].out {
		x.finish(0, Unknown, why)
	}
	x.back(0)
}
