package gateway

import (
	"errors"
	"fmt"
	"time"

	"arduino-gateway/internal/hello"
	"arduino-gateway/internal/protocol"
)

const (
	// maxPlain is how many lines without a checksum show that the board has another sketch
	// now, if it spoke the protocol when it was last heard.
	maxPlain = 8

	// helloTime is how long a board of a device with RequireHello may take to send its
	// hello: its sketch may call the library late.
	helloTime = 30 * time.Second
)

var (
	errNoChecksum   = errors.New("dropped: no checksum, and the board's other lines have one")
	errDamaged      = errors.New("dropped: wrong checksum, so it was damaged on the wire")
	errMismatch     = errors.New("dropped: a different board is on this port")
	errUnidentified = errors.New("dropped: the board on this port has not identified itself")
)

// protocolState is what is known about the board since its port was opened: whether it
// speaks the protocol, and whether it is this device's board. It decides about each line,
// without a clock, I/O or a log.
type protocolState struct {
	id           string
	requireHello bool // only the board whose hello has the ID is this device's
	mayChange    bool // devices.yaml does not say whether the board speaks the protocol

	opened     time.Time
	ready      bool          // the port reported it
	strict     bool          // a valid checksum came: a line without one is damaged
	plain      int           // lines without a checksum before that
	identified bool          // requireHello: its hello came
	mismatched bool          // requireHello: it is a different board, and everything is ignored
	warned     bool          // that its hello does not come
	held       hello.Backlog // requireHello: lines from before the hello
}

// action is what happens to a line.
type action uint8

const (
	publish action = iota // read text and publish its readings
	show                  // show it to the observer only, with why
	drop                  // count, log and show it, with why
	hold                  // keep it until the board is identified
)

// verdict is the decision about one line.
type verdict struct {
	action action
	text   []byte // without its checksum
	why    error

	protocol   bool         // pass the line on to the command queue
	identified bool         // the line is this device's hello: publish held, and go online
	overdue    bool         // log that the hello does not come
	doubt      bool         // the board no longer speaks the protocol
	held       []hello.Line // no longer held: released by the hello, or the oldest, for lack of room
	mismatch   string       // it is a different board; this is what it does
}

// reset begins an opening of the port.
func (s *protocolState) reset(at time.Time) {
	*s = protocolState{id: s.id, requireHello: s.requireHello, mayChange: s.mayChange, opened: at}
}

// discard ends an opening and returns the lines that are still held.
func (s *protocolState) discard() []hello.Line {
	held := s.held.Lines
	s.ready, s.identified, s.mismatched, s.held = false, false, false, hello.Backlog{}
	return held
}

// mismatch ignores the board from now on.
func (s *protocolState) mismatch() {
	s.discard()
	s.mismatched = true
}

// trusted reports whether the board is certainly this device's.
func (s *protocolState) trusted() bool { return !s.requireHello || s.identified }

// judge decides about a line; l is line parsed.
func (s *protocolState) judge(at time.Time, l *protocol.Line, line []byte) (v verdict) {
	switch {
	case s.mismatched:
		v.action, v.why = show, errMismatch
	case l.Check == protocol.Right:
		s.valid(&v, at, l)
	case !s.strict && !s.requireHello:
		v.action, v.text, v.doubt = publish, line, s.doubt()
	case l.Check == protocol.Wrong:
		v.action, v.why = drop, errDamaged
	default:
		v.action, v.why, v.mismatch = drop, errNoChecksum, s.suspect(at)
	}
	return v
}

// valid decides about a line with a valid checksum.
func (s *protocolState) valid(v *verdict, at time.Time, l *protocol.Line) {
	v.text, v.protocol = l.Text, l.Kind != protocol.Plain || !s.strict
	switch {
	case l.Kind == protocol.HelloLine && s.requireHello:
		s.identify(v, string(l.Hello.ID))
	case l.Kind != protocol.Plain:
		v.action = show
	case !s.trusted():
		v.action, v.held = hold, s.held.Add(at, l.Text)
		v.overdue = !s.warned && at.Sub(s.opened) >= helloTime
		s.warned = s.warned || v.overdue
	}
}

// identify decides about a hello.
func (s *protocolState) identify(v *verdict, id string) {
	v.action = show
	if id != s.id {
		v.protocol, v.mismatch = false, fmt.Sprintf("identifies itself as %q", id)
		return
	}
	v.identified, v.held = true, s.held.Lines
	s.identified, s.held = true, hello.Backlog{}
}

// doubt counts lines without a checksum. It returns true once, when they show that the
// board no longer speaks the protocol.
func (s *protocolState) doubt() bool {
	if s.plain >= maxPlain {
		return false
	}
	s.plain++
	return s.plain == maxPlain && s.mayChange
}

// suspect counts lines without a checksum of a board that must send a hello. It returns
// what the board does if it is a different one, else "".
func (s *protocolState) suspect(at time.Time) string {
	if s.strict {
		return ""
	}
	s.plain++
	if s.plain >= maxPlain && at.Sub(s.opened) >= helloTime {
		return "prints lines without a checksum"
	}
	return ""
}
