package device

import (
	"errors"
	"regexp"
	"time"
)

// Device is the configuration of one device, with all defaults filled in.
type Device struct {
	ID         string         // [a-z0-9_-]+; one topic level
	Port       string         // what to open: a path, a USB identity, or the address of a serial server
	Baud       int            // bits a second, or BaudAuto
	ClientID   string         // MQTT client ID; "": the broker assigns one
	Format     Format         // of its lines
	Columns    []string       // names of the values of a line, in order; for FormatCSV and FormatAuto
	Decimal    string         // "," or "." in numbers; "": each line tells
	Pattern    *regexp.Regexp // for FormatPattern; its named groups are the readings
	MaxLine    int            // bytes of the longest line that is read; 0: DefaultMaxLine
	LineEnding LineEnding     // of commands
	Silence    time.Duration  // the device goes offline if no line comes for so long; 0: never
	Describe   *bool          // whether the board describes itself with a hello; nil: find out
	Expires    time.Duration  // how long after its arrival a command may be written; 0: DefaultExpires
	Gap        time.Duration  // pause between two lines to the board, besides their time on the wire
	Starting
	Readings ReadingSpecs
	Commands map[string]Command
}

// Detected describes a device that has no entry in devices.yaml, because the gateway
// detected its board on its port.
type Detected struct {
	LastBaud int  // bits a second at which the gateway read the board
	Hello    bool // the board identified itself; a board on the port that does not is a different one
}

// Starting overrides, if not nil, how the board's USB chip starts the board.
type Starting struct {
	ResetOnOpen *bool          // false: reopening the port does not reset the board
	DTR         *bool          // level of the modem line while the port is open
	BootTime    *time.Duration // how long a silent board counts as booting
}

// DefaultExpires is the value of Device.Expires if it is 0.
const DefaultExpires = 10 * time.Second

// Bounds of Device.MaxLine, and its value if it is 0.
const (
	LeastMaxLine   = 64
	DefaultMaxLine = 1024
	MostMaxLine    = 16_384
)

// BaudAuto means that the gateway finds the baud rate.
const BaudAuto = 0

// Format is the format of a device's lines.
type Format string

// The formats. FormatAuto decides for each line.
const (
	FormatAuto    Format = "auto"
	FormatPairs   Format = "pairs"
	FormatCSV     Format = "csv"
	FormatJSON    Format = "json"
	FormatPattern Format = "pattern"
	FormatText    Format = "text"
)

// Formats lists all formats, in the order in which the documentation has them.
var Formats = []Format{FormatAuto, FormatPairs, FormatCSV, FormatJSON, FormatPattern, FormatText}

// LineEnding is the name of a line ending of commands.
type LineEnding string

// The line endings.
const (
	LF   LineEnding = "lf"
	CRLF LineEnding = "crlf"
	CR   LineEnding = "cr"
	None LineEnding = "none"
)

// LineEndings lists all line endings.
var LineEndings = []LineEnding{LF, CRLF, CR, None}

// Bytes returns the bytes of the line ending. The default is LF.
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

// ReadingSpec is the configuration of one reading.
type ReadingSpec struct {
	Unit        string        // replaces the unit in the line, unless it is ""
	DeviceClass string        // of Home Assistant; "" is none
	Min, Max    *float64      // a value outside is not published; nil: unbounded
	Deadband    *float64      // a value that differs from the last by no more than this is not published; nil: publish each
	MinInterval time.Duration // publish at most one value in this time, the newest; 0: publish each
	MaxInterval time.Duration // publish a value within Deadband after this time; 0: never
	Rename      string        // published name; "": its own name
	Ignore      bool          // never publish it
}

// Reading is one value of a line.
type Reading struct {
	Name  string
	Value string // as the board wrote it, without the unit
	Unit  string // that followed a number, or ""
}

// Withheld is a reading that is not published.
type Withheld struct {
	Reading
	Why string // in words for a user
	Bad bool   // the value is out of bounds
}

// Heard is a line of a board, and what became of it.
type Heard struct {
	Time     time.Time
	Text     []byte
	Readings []Reading  // that are published at once
	Kept     []Reading  // those of Readings whose names are kept
	Withheld []Withheld // the others
	Err      error      // why the line is not published; it has no readings then
}

// ErrHeader is wrapped by the error for a line that only names the values of other lines,
// such as the first line of CSV. The line has no readings, and nothing is wrong with it.
var ErrHeader = errors.New("header")

// ErrCut is the error for the first line of an opening, if its beginning may be missing.
var ErrCut = errors.New("may be the end of a line that began before the port was opened")

// Line is one line of a device with its readings.
type Line struct {
	Time     time.Time     // when the end of the line was read; zero: unknown
	Age      time.Duration // at least how long ago it was read, if Time is unknown
	Seq      uint64        // its number among the device's published lines
	Readings []Reading
}
