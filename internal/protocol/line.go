package protocol

import "bytes"

// Kind is the kind of a line from the board. All kinds but Plain have a valid checksum.
type Kind uint8

const (
	Plain      Kind = iota // readings, or anything else that the sketch prints
	HelloLine              // the first line of a hello
	PartLine               // a reading or a command of a hello
	StateLine              // the last line of a hello, and sent alone
	AnswerLine             // to one line from the gateway
	Unknown                // of the protocol, but not understood: for example of a later version
)

// Line is a parsed line. Its texts share the memory of the line. Of Hello, Part, State and
// Answer only the one of its kind is set.
type Line struct {
	Kind  Kind
	Check Check
	Text  []byte // the line without its checksum

	Hello  Hello
	Part   Part
	State  State
	Health Health // beside State
	Answer Answer
}

// Hello begins a board's description.
//
//	!hello greenhouse protocol=1 library=0.3.0 parts=4 output=80
type Hello struct {
	ID       []byte
	Protocol uint16
	Library  []byte // its version
	Parts    uint16 // the number of lines that describe readings and commands
	Output   uint16 // the most bytes of a line; 0: a library before 0.3, which drops longer ones
}

// Part is one line of a description. A Collector parses Rest.
//
//	!reading 1/4 temperature °C
//	!command 4/4 fan int 0..255
type Part struct {
	Number  uint16 // from 1
	Parts   uint16
	Command bool   // else a reading
	Rest    []byte // "fan int 0..255"
}

// State is the state of the board's session with the gateway.
//
//	!state session=7F3A last=5 input=63 taken=143 dropped=0 reset=8 ram=1204
type State struct {
	Session uint16 // that the gateway began; 0: none since the board was reset
	Last    uint16 // the number of the last command in it that was run or refused
	Input   uint16 // the size of the board's input buffer, in bytes
	Taken   uint16 // as in Answer
}

// Health is what a board reports of itself with its state.
type Health struct {
	Dropped uint16 // lines that the board could not send since its reset, modulo 65536
	Reset   Reset  // what reset the board
	RAM     uint16 // free bytes; 0 is unknown
}

// Reset is what reset a board: a sum of causes, or 0 if that is unknown.
type Reset uint16

const (
	Power Reset = 1 << iota
	ResetPin
	LowVoltage
	Watchdog
)

// Verdict is the board's answer to a line.
type Verdict uint8

const (
	OK      Verdict = iota // the board has run the command
	Refused                // the board has not run the command and will not: Text is the reason
	Again                  // the board has done nothing: the line was damaged, or its number is not the next one
)

// Answer is the answer to one line.
//
//	!ok 5 taken=143
//	!no 6 taken=164 not from 0 to 255
//	!again 7 taken=190 damaged
type Answer struct {
	Verdict Verdict
	Number  uint16 // of the command, 0 if it has none; for Again the next number the board accepts, 0 without a session
	Taken   uint16 // how many bytes the board has read from its input buffer, modulo 65536
	Text    []byte // the reply or the reason; may be empty
}

// Parse parses a line without its ending, which may hold any bytes.
func Parse(line []byte) Line {
	text, check := split(line)
	l := Line{Check: check, Text: text}
	if check == Right && len(text) > 0 && text[0] == '!' {
		l.read(text[1:])
	}
	return l
}

// read parses what follows the "!".
func (l *Line) read(text []byte) {
	word, rest := cut(text)
	ok := false
	l.Kind = Unknown
	switch string(word) {
	case "ok":
		ok = l.answer(OK, rest)
	case "no":
		ok = l.answer(Refused, rest)
	case "again":
		ok = l.answer(Again, rest)
	case "state":
		ok = l.state(rest)
	case "hello":
		ok = l.hello(rest)
	case "reading":
		ok = l.part(false, rest)
	case "command":
		ok = l.part(true, rest)
	}
	if !ok {
		l.Kind = Unknown
	}
}

func (l *Line) answer(verdict Verdict, text []byte) (ok bool) {
	l.Kind = AnswerLine
	a := &l.Answer
	a.Verdict = verdict
	number, rest := cut(text)
	taken, rest := cut(rest)
	a.Text = rest
	return decimal(number, &a.Number) && value(taken, "taken=", &a.Taken)
}

func (l *Line) state(text []byte) (ok bool) {
	l.Kind = StateLine
	s := &l.State
	var session, last, input, taken bool
	for len(text) > 0 {
		var field []byte
		field, text = cut(text)
		if id, is := bytes.CutPrefix(field, []byte("session=")); is {
			s.Session, session = parseHex(id)
		}
		last = value(field, "last=", &s.Last) || last
		input = value(field, "input=", &s.Input) || input
		taken = value(field, "taken=", &s.Taken) || taken
		value(field, "dropped=", &l.Health.Dropped)
		value(field, "reset=", (*uint16)(&l.Health.Reset))
		value(field, "ram=", &l.Health.RAM)
	}
	return session && last && input && taken
}

func (l *Line) hello(text []byte) (ok bool) {
	l.Kind = HelloLine
	h := &l.Hello
	var protocol, parts bool
	h.ID, text = cut(text)
	for len(text) > 0 {
		var field []byte
		field, text = cut(text)
		if version, is := bytes.CutPrefix(field, []byte("library=")); is {
			h.Library = version
		}
		protocol = value(field, "protocol=", &h.Protocol) || protocol
		parts = value(field, "parts=", &h.Parts) || parts
		value(field, "output=", &h.Output)
	}
	return len(h.ID) > 0 && protocol && parts
}

func (l *Line) part(command bool, text []byte) (ok bool) {
	l.Kind = PartLine
	p := &l.Part
	p.Command = command
	count, rest := cut(text)
	p.Rest = rest
	number, parts, _ := bytes.Cut(count, []byte{'/'})
	return decimal(number, &p.Number) && decimal(parts, &p.Parts) && 0 < p.Number && p.Number <= p.Parts
}

// cut returns the text before the first space and the text behind it.
func cut(text []byte) (word, rest []byte) {
	word, rest, _ = bytes.Cut(text, []byte{' '})
	return word, rest
}

// value parses a field such as taken=143 if it begins with prefix.
func value(field []byte, prefix string, n *uint16) (ok bool) {
	return len(field) > len(prefix) && string(field[:len(prefix)]) == prefix && decimal(field[len(prefix):], n)
}

// decimal parses a text that consists of digits only.
func decimal(digits []byte, n *uint16) (ok bool) {
	if len(digits) == 0 || len(digits) > 5 {
		return false
	}
	sum := 0
	for _, d := range digits {
		if d-'0' > 9 {
			return false
		}
		sum = sum*10 + int(d-'0')
	}
	*n = uint16(sum)
	return sum <= 65535
}
