package simulator

import (
	"time"

	"arduino-gateway/device"
)

// Scenario is a set of boards that run together.
type Scenario struct {
	Name   string // the file it came from, for messages
	Dir    string // folder of the links; "" is a temporary folder, removed on Close
	Boards []Spec
}

// Spec describes one board. Its zero value is a silent board that a test
// controls: it prints what Println is given and keeps what it receives.
// [Spec.Validate] checks it.
type Spec struct {
	Name string // [a-z0-9_-]+; default "board"
	Link string // path of the link to the port; default NAME in the scenario's Dir, else in a temporary folder

	Baud        int           // bits a second; default 115200; used for Pace and Flood
	Pace        bool          // print no faster than Baud allows, at ten bits a byte
	Lossless    bool          // a print waits for a reader with room instead of losing bytes; the next program gets what one leaves unread
	ResetOnOpen bool          // opening the port resets the board, as DTR resets an Uno
	Boot        time.Duration // from power or reset to the first line; input is lost until then
	Banner      []string      // lines printed at the end of the boot

	Seed    uint64            // for walks, noise and garbage: equal seeds, equal bytes
	Every   time.Duration     // from line to line; default 1 s
	FlatOut bool              // lines without a pause, in large writes; implies Lossless
	Lines   int64             // then the board falls silent; 0: never
	Format  Format            // form of a line if Line is empty; default Pairs
	Line    string            // template such as "t={temperature} led={led}"; also knows {tick}
	Ending  device.LineEnding // of printed lines; default LF, with a Hello CRLF
	Signals []Signal          // what the board measures
	State   []Variable        // what commands change; printed after the signals

	// Hello is the ID of a board that describes itself; "" is none. Such a board
	// speaks docs/protocol.md, as a board with the library in firmware/arduino
	// does: it describes its Signals, State and Commands, puts a checksum on
	// each line, and confirms commands. State is described as readings.
	Hello string

	Commands []Command
	Unknown  string // reply to a line that matches no command; may use {value}; "" is no reply; not with a Hello
	Faults   []Fault
}

// Format is the form of a printed line.
type Format string

// The formats, each with a line of two readings.
const (
	Pairs   Format = "pairs"   // temperature=23.50,humidity=40.2
	Plotter Format = "plotter" // temperature:23.50,humidity:40.2
	CSV     Format = "csv"     // 23.50,40.2
	JSON    Format = "json"    // {"temperature":23.50,"humidity":40.2}
)

// Formats lists every Format.
var Formats = []Format{Pairs, Plotter, CSV, JSON}

// Variable is a part of the board's state, such as a lamp. It has Value after
// each boot.
type Variable struct{ Name, Value string }

// Command is a line that the board understands. If several match a line, the
// first counts.
//
// With a Hello, On is "NAME={value}" and Takes describes the value. Other
// commands, such as On "fan=13", may say what happens for a single value.
type Command struct {
	On     string // what it looks like: "led={value}", "L{value}", or just "H"
	Takes  string // with a Hello: "bool", "int 0..255", "enum auto|manual", "text 20"
	Set    string // the variable it changes; "" is none
	To     string // the variable's new value, a template; default "{value}"
	Reply  string // what the board prints at once, or adds to the confirmation; a template; "" is nothing
	Refuse string // with a Hello: the reason to refuse the command; a template; "" runs it
}

// Do is a kind of fault.
type Do string

// The kinds of faults. A fault with a For ends after it. Without one, Garbage
// and Cut spoil a single line, Busy and Hang last until the next reset, and the
// others do not end by themselves.
const (
	Noise   Do = "noise"   // one byte in a hundred is damaged, in both directions
	Garbage Do = "garbage" // random bytes in place of lines, as at a wrong baud rate
	Cut     Do = "cut"     // half a line without its ending
	Silence Do = "silence" // no readings; commands are still answered
	Flood   Do = "flood"   // bytes without a line ending, as fast as Baud allows
	Busy    Do = "busy"    // the sketch is in a long delay: it prints nothing, and 63 bytes of its input survive
	Hang    Do = "hang"    // the port is not read: writers to it block
	Reset   Do = "reset"   // the board boots again, with its banner and its first state
	Unplug  Do = "unplug"  // the port and its link are gone; after For they are back
)

// Faults lists every Do.
var Faults = []Do{Noise, Garbage, Cut, Silence, Flood, Busy, Hang, Reset, Unplug}

// Fault is a fault at a stated time.
type Fault struct {
	At    time.Duration // after the start of the board
	Do    Do
	For   time.Duration
	Every time.Duration // from one At to the next; 0 is once
}

// withDefaults sets the fields that were left empty.
func (s Spec) withDefaults() Spec {
	if s.Name == "" {
		s.Name = "board"
	}
	if s.Baud == 0 {
		s.Baud = 115200
	}
	if s.Every == 0 {
		s.Every = time.Second
	}
	if s.Format == "" {
		s.Format = Pairs
	}
	if s.Ending == "" {
		s.Ending = device.LF
		if s.Hello != "" {
			s.Ending = device.CRLF
		}
	}
	s.Lossless = s.Lossless || s.FlatOut
	return s
}

// LineAt returns the line, without its ending and checksum, that the board
// prints at a tick while no command has changed its state. It depends only on
// the Spec, so that a test knows beforehand what its program must see. It panics
// if [Spec.Validate] returns an error.
func (s Spec) LineAt(tick int64) string {
	s = s.withDefaults()
	if err := s.check(); err != nil {
		panic(err)
	}
	return string(newPrinter(&s).append(nil, tick, newState(s.State)))
}
