package protocol

import "bytes"

// Kind says what a line of a board is. All but Plain have a right checksum.
type Kind uint8

const (
	Plain      Kind = iota // readings, or whatever else the sketch prints
	HelloLine              // the first line of a hello
	PartLine               // a reading or a command of a hello
	StateLine              // the last line of a hello, and sent alone
	AnswerLine             // to one line that the board took
	Unknown                // of the protocol, but not understood: a later version's
)

// Line is what Parse made of a line. Its texts are pieces of the line. Of the
// fields behind Text only that of its kind means anything.
type Line struct {
	Kind  Kind
	Check Check
	Text  []byte // the line without its checksum

	Hello  Hello
	Part   Part
	State  State
	Answer Answer
}

// Hello begins a board's description.
//
//	!hello greenhouse protocol=1 library=0.3.0 parts=4
type Hello struct {
	ID       []byte
	Protocol uint16
	Library  []byte // its version
	Parts    uint16 // how many lines describe readings and commands
}

// Part is one line of a description; a Collector reads the rest of it.
//
//	!reading 1/4 temperature °C
//	!command 4/4 fan int 0..255
type Part struct {
	Number  uint16 // from 1
	Parts   uint16
	Command bool   // else a reading
	Rest    []byte // "fan int 0..255"
}

// State is where the board stands with the gateway.
//
//	!state session=7F3A last=5 input=63 taken=143
type State struct {
	Session uint16 // the one that the gateway began; 0: none since the board's reset
	Last    uint16 // the number of the last command that was run or refused in it
	Input   uint16 // the bytes that the board's input buffer holds
	Taken   uint16 // as in Answer
}

// Verdict is what the board says of a line.
type Verdict uint8

const (
	OK      Verdict = iota // the command has been run
	Refused                // it has not, and will not be: Text says why
	Again                  // nothing was done: the line was damaged, or is not the next
)

// Answer is the answer to one line.
//
//	!ok 5 taken=143
//	!no 6 taken=164 not from 0 to 255
//	!again 7 taken=190 damaged
type Answer struct {
	Verdict Verdict
	Number  uint16 // of the command, 0 where it has none; of Again the next that the board takes, 0 without a session
	Taken   uint16 // how many bytes the board has taken out of its input buffer, modulo 65536
	Text    []byte // the reply or the reason; may be empty
}

// Parse tells what a line is. It takes any bytes, without the line's ending.
func Parse(line []byte) Line {
	text, check := split(line)
	l := Line{Check: check, Text: text}
	if check == Right && len(text) > 0 && text[0] == '!' {
		l.read(text[1:])
	}
	return l
}

// read takes what stands behind the "!".
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

// cut gives what stands before the first space, and behind it.
func cut(text []byte) (word, rest []byte) {
	word, rest, _ = bytes.Cut(text, []byte{' '})
	return word, rest
}

// value reads a field such as taken=143, if it is the one called for.
func value(field []byte, prefix string, n *uint16) (ok bool) {
	return len(field) > len(prefix) && string(field[:len(prefix)]) == prefix && decimal(field[len(prefix):], n)
}

// decimal reads digits, and nothing but digits.
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
