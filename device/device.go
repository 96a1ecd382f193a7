package device

import (
	"errors"
	"regexp"
	"time"
)

// Device is one board as devices.yaml describes it, with every default filled in.
type Device struct {
	ID         string         // [a-z0-9_-]+, one topic level
	Port       string         // what to open: a path, a USB identity, or the address of a server
	Baud       int            // bits a second, or BaudAuto
	ClientID   string         // MQTT client ID; "" lets the broker's rules for a random one apply
	Format     Format         // how its lines are read
	Columns    []string       // names of bare numbers, in order; for FormatCSV and FormatAuto
	Pattern    *regexp.Regexp // for FormatPattern; its named groups are readings
	LineEnding LineEnding     // of commands
	Silence    time.Duration  // without a line for so long the device is offline; 0 is never
	Describe   *bool          // whether the board says what it reads and takes; nil: where it does
	Expires    time.Duration  // how long after its arrival a command may still be written; 0 is DefaultExpires
	Gap        time.Duration  // between two lines to the board, beyond what the wire takes
	Starting
	Readings map[string]ReadingSpec
	Commands map[string]Command
}

// Detected is what is known of a device that has no entry in devices.yaml, because
// its board was detected at its port.
type Detected struct {
	LastBaud int  // bits a second at which the board was read
	Hello    bool // the board identified itself; a board at its port that does not is another one
}

// Starting overrides what is known of the board's USB chip; nil does not.
type Starting struct {
	ResetOnOpen *bool          // false: opening the port again does not reset the board
	DTR         *bool          // what the modem line is to be while the port is open
	BootTime    *time.Duration // how long a silent board counts as booting
}

// DefaultExpires is for commands to any device.
const DefaultExpires = 10 * time.Second

// BaudAuto stands for a rate that is to be found out.
const BaudAuto = 0

// Format names a way of reading a line.
type Format string

// The formats of the contract. FormatAuto decides line by line.
const (
	FormatAuto    Format = "auto"
	FormatPairs   Format = "pairs"
	FormatCSV     Format = "csv"
	FormatJSON    Format = "json"
	FormatPattern Format = "pattern"
	FormatText    Format = "text"
)

// Formats lists every Format, in the order in which users are told of them.
var Formats = []Format{FormatAuto, FormatPairs, FormatCSV, FormatJSON, FormatPattern, FormatText}

// LineEnding names what ends a command on the wire.
type LineEnding string

// The line endings of the contract.
const (
	LF   LineEnding = "lf"
	CRLF LineEnding = "crlf"
	CR   LineEnding = "cr"
	None LineEnding = "none"
)

// LineEndings lists every LineEnding.
var LineEndings = []LineEnding{LF, CRLF, CR, None}

// Bytes is what the ending puts on the wire.
func (e LineEnding) Bytes() string {
	switch e {
	case CRLF:
		return "\r\n"
	case CR:
		return "\r"
	case None:
		return ""
	default:
		return "\n"
	}
}

// ReadingSpec is what is known beforehand about a reading, and what is to be
// done with it.
type ReadingSpec struct {
	Unit        string // in place of what the board writes; "" is none
	DeviceClass string
	Min, Max    *float64      // a value outside is not published; nil is unbounded
	Deadband    *float64      // nor is one that differs from the last by no more than this; nil publishes each
	MinInterval time.Duration // at most one in so long, the newest; 0 is as they come
	MaxInterval time.Duration // what Deadband keeps back is repeated after so long; 0 is never
	Rename      string        // under which it is published; "" is its own name
	Ignore      bool          // never publish it
}

// Reading is one value of a line. Value is the board's own text, never
// reinterpreted; Unit is what was written behind a number, split off.
type Reading struct {
	Name, Value, Unit string
}

// Withheld is a reading that is not published.
type Withheld struct {
	Reading
	Why string // in a user's words
	Bad bool   // its value is to blame: it is out of bounds
}

// ErrHeader is wrapped by the error for a line that only names what others
// bring, such as the first of a CSV file: it has no readings, and nothing is
// wrong with it.
var ErrHeader = errors.New("header")

// Line is one line of a device, read and decoded.
type Line struct {
	Time     time.Time     // when the line's end was read; zero where that is not known
	Age      time.Duration // how long ago at least, where Time is not known
	Seq      uint64        // counts the device's published lines
	Readings []Reading
}
