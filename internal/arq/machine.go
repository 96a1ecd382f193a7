package arq

import (
	"time"

	"arduino-gateway/device"
	"arduino-gateway/internal/protocol"
)

// Grace is how long after its expiry the machine still asks the board about a command
// that was sent.
const Grace = 3 * time.Second

// Command is one command for the board.
type Command struct {
	ID      uint64 // the owner's
	Number  uint16 // in the session; Put assigns it
	Text    string // NAME=VALUE, accepted by Check
	Expires time.Time
}

// Check returns an error if no board can be sent the text as a command.
func Check(text string) error {
	_, err := protocol.AppendCommand(nil, protocol.MaxNumber, text)
	return err
}

// Fate is how a command left the machine.
type Fate uint8

const (
	Done    Fate = iota // the board ran it once
	Refused             // the board did not run it and will not
	Unknown             // it may have run
	Back                // it did not run; it runs only if it is put in again
)

// Outcome reports that the machine has finished with a command.
type Outcome struct {
	ID   uint64
	Fate Fate
	Text string // the board's words; for Unknown, why its fate is unknown
}

// Step is what to do now.
type Step struct {
	Write []byte    // the line to write, whole; nil: write nothing. Valid until the next call of Next
	First *Command  // the command in Write, if this session has not sent it before: remember it before writing
	Until time.Time // if Write is nil: when to call Next again, unless something happens first; zero is never
}

type phase uint8

const (
	away      phase = iota // the port is closed
	listening              // no line with a valid checksum came yet: nothing is sent
	asking                 // for a hello, with "?"
	fetching               // the answers to what was sent before the question
	beginning              // a session, with "?S"
	open                   // commands go out
	foreign                // the board speaks another version: it is treated as one that only prints lines
)

// Machine is the gateway's end of the protocol with one board.
type Machine struct {
	random func() uint16
	phase  phase

	hello     protocol.Collector // of this opening
	described bool               // the hello is complete
	inquiry   inquiry            // of the phases asking and beginning

	session uint16 // the gateway's; the commands in the window belong to it
	board   uint16 // the session in the board's last state
	window  window
	link    link
	line    []byte // written last
}

// New returns the machine of a board whose port is closed. random returns numbers for
// sessions.
func New(random func() uint16) *Machine { return &Machine{random: random} }

// Resume continues the last session of an earlier process, with the commands it had
// sent, in the order of their numbers. Call it before anything else.
func (m *Machine) Resume(session uint16, sent []Command) {
	m.session = session
	m.window.resume(sent)
}

// Speaks reports whether the board has shown, since the port was opened, that it speaks
// the protocol.
func (m *Machine) Speaks() bool { return m.phase >= asking && m.phase <= open }

// Busy reports whether commands are in flight.
func (m *Machine) Busy() bool { return m.window.busy() }

// Room reports whether Put accepts a command now.
func (m *Machine) Room() bool { return m.phase == open && m.window.room() }

// Session returns the session in which commands are sent.
func (m *Machine) Session() uint16 { return m.session }

// Description returns what the board's hello says, and whether the hello of this opening
// is complete.
func (m *Machine) Description() (device.Description, bool) {
	return m.hello.Description()
}

// Outcomes returns the commands that have ended since the last call. Those with the fate
// Back are in the order in which they were put in. The slice is valid until the next call
// of any method.
func (m *Machine) Outcomes() []Outcome { return m.window.ended() }

// Put accepts a command that passes Check. Call it only if Room returns true.
func (m *Machine) Put(c Command) { m.window.put(c) }

// Opened reports that the port is open.
func (m *Machine) Opened() {
	m.phase, m.hello, m.described, m.board = listening, protocol.Collector{}, false, 0
}

// Closed reports that the port is closed. The board is asked about what was sent when it
// is back.
func (m *Machine) Closed() {
	m.window.recall()
	m.phase = away
}

// GiveUp ends all commands, for example because the gateway stops.
func (m *Machine) GiveUp(why string) { m.window.abandon(why) }

func (m *Machine) enter(p phase) {
	m.phase, m.inquiry = p, inquiry{}
	m.window.restart()
	if p == beginning {
		m.begin()
	}
}

// begin chooses a session. In the last one, and in the one that the board is in, old
// commands could run.
func (m *Machine) begin() {
	before := m.session
	for m.session == before || m.session == m.board || m.session == 0 {
		m.session = m.random()
	}
	m.window.last, m.window.cursor, m.link.owed = 0, 0, 0
}

// ask leaves the session to find out what happened to its commands.
func (m *Machine) ask() {
	m.window.recall()
	m.enter(asking)
}

// proceed continues after the board's state has arrived: the fate of what was sent is
// then known, or can be fetched.
func (m *Machine) proceed() {
	switch {
	case m.window.busy():
		m.enter(fetching)
	case m.described:
		m.enter(beginning)
	case m.phase != asking:
		m.enter(asking)
	}
}
