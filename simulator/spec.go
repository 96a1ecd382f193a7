package simulator

import (
	"time"

	"arduino-gateway/device"
)

// Scenario is a set of boards that run together.
type Scenario struct {
	Name   string // where it was loaded from, for messages
	Dir    string // where the boards' links go; "" is a temporary folder, removed on Close
	Boards []Spec
}

// Spec describes one board. Its zero value is a silent board that a test drives
// by hand: it prints what Println is given and keeps what it receives.
type Spec struct {
	Name string // [a-z0-9_-]+; default "board"
	Link string // path of the port; default NAME in the scenario's Dir, else in a temporary folder

	Baud        int           // bits a second; default 115200; counts for Pace and Flood
	Pace        bool          // prints no faster than Baud allows, ten bits a byte
	Lossless    bool          // a print waits for a reader with room instead of losing bytes; what one program leaves unread the next gets
	ResetOnOpen bool          // opening the port resets the board, as DTR resets an Uno
	Boot        time.Duration // from power or reset to the first line; input is lost meanwhile
	Banner      []string      // lines printed when the boot is over

	Seed    uint64            // of walks, noise and garbage: equal seeds, equal bytes
	Every   time.Duration     // from line to line; default 1 s
	FlatOut bool              // lines follow each other without a pause, in large writes; implies Lossless
	Lines   int64             // the board falls silent after so many; 0 is never
	Format  Format            // how a line is put together where Line is empty; default Pairs
	Line    string            // template such as "t={temperature} led={led}"; also knows {tick}
	Ending  device.LineEnding // of printed lines; default LF, with a Hello CRLF
	Signals []Signal          // what the board measures
	State   []Variable        // what commands change; printed behind the signals

	// Hello is the ID by which the board describes itself; "" is none. With it the
	// board speaks docs/protocol.md, as one with the library in firmware/arduino
	// does: it tells of its Signals, State and Commands, puts a checksum on each
	// line, and confirms commands. What a command changes is told as a reading.
	Hello string

	Commands []Command
	Unknown  string // reply to what no command matches; may use {value}; "" is no reply; not with a Hello
	Faults   []Fault
}

// Format names a way of putting a line together.
type Format string

// The formats, each with the line that it makes of two readings.
const (
	Pairs   Format = "pairs"   // temperature=23.50,humidity=40.2
	Plotter Format = "plotter" // temperature:23.50,humidity:40.2
	CSV     Format = "csv"     // 23.50,40.2
	JSON    Format = "json"    // {"temperature":23.50,"humidity":40.2}
)

// Formats lists every Format.
var Formats = []Format{Pairs, Plotter, CSV, JSON}

// Variable is a part of the board's state, such as a lamp, with the value that
// it has after each boot.
type Variable struct{ Name, Value string }

// Command is a line that the board understands. Of several that match a line the
// first counts.
//
// With a Hello, a command is On "NAME={value}" and says what it Takes. Others, such
// as On "fan=13", may say what becomes of a single value.
type Command struct {
	On     string // what it looks like: "led={value}", "L{value}", or just "H"
	Takes  string // with a Hello: "bool", "int 0..255", "enum auto|manual", "text 20"
	Set    string // the variable that it changes; "" is none
	To     string // the variable's new value, a template; default "{value}"
	Reply  string // what the board prints at once, or confirms the command with; a template; "" is nothing
	Refuse string // with a Hello: it is not carried out, for this reason, a template; "" carries it out
}

// Do names what a fault does.
type Do string

// The faults. One with a For ends after it. Without one Garbage and Cut spoil a
// single line, Busy and Hang last until the next reset, the others for good.
const (
	Noise   Do = "noise"   // one byte in a hundred is damaged, in both directions
	Garbage Do = "garbage" // random bytes in place of lines, as at a wrong baud
	Cut     Do = "cut"     // half a line without its ending
	Silence Do = "silence" // no readings; commands are still answered
	Flood   Do = "flood"   // bytes without a line ending, as fast as Baud allows
	Busy    Do = "busy"    // the sketch is in a long delay: prints nothing, and of its input 63 bytes survive
	Hang    Do = "hang"    // the port is not even drained: writers to it block
	Reset   Do = "reset"   // boots again: banner, state as at first
	Unplug  Do = "unplug"  // the port is gone, and its link; a For later both are back
)

// Faults lists every Do.
var Faults = []Do{Noise, Garbage, Cut, Silence, Flood, Busy, Hang, Reset, Unplug}

// Fault is something that goes wrong at a stated time.
type Fault struct {
	At    time.Duration // since the start
	Do    Do
	For   time.Duration
	Every time.Duration // from one At to the next; 0 is once
}

// withDefaults fills in what was left open.
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

// LineAt is the line, without its ending and checksum, that the board prints at a
// tick while no command has changed its state. It depends on nothing but the Spec, so that
// a test knows beforehand what its program must see. It panics on a Spec that
// Plug would refuse.
func (s Spec) LineAt(tick int64) string {
	s = s.withDefaults()
	if err := s.check(); err != nil {
		panic(err)
	}
	return string(newPrinter(&s).append(nil, tick, newState(s.State)))
}
