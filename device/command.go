package device

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// CommandType names what values a command takes.
type CommandType string

// The command types of the contract.
const (
	Bool CommandType = "bool"
	Int  CommandType = "int"
	Enum CommandType = "enum"
	Text CommandType = "text"
)

// CommandTypes lists every CommandType.
var CommandTypes = []CommandType{Bool, Int, Enum, Text}

// LongestLine is what the input buffer of an AVR holds, in bytes with the line's
// ending. A board loses what comes on top.
const LongestLine = 63

// DefaultMaxLength bounds a text without max_length, in bytes: with a name and
// a line ending it still fits a board's 64-byte input buffer.
const DefaultMaxLength = 32

// Command describes one command that a device takes.
type Command struct {
	Name      string
	Type      CommandType
	Min, Max  *int64   // of Int; nil is unbounded
	Values    []string // of Enum
	MaxLength int      // of Text, in bytes; 0 is DefaultMaxLength
	Write     string   // template with {value}; "" is NAME={value}
	On, Off   string   // what a Bool writes; "" is on, off

	Confirm *regexp.Regexp // what a board prints that has run it; nil: it can't be known
}

// Encode checks value against the command and gives the line to write, without
// its ending, and the value in its canonical form ("ON" is "on"). The error
// says in a user's words why the value is refused; nothing may be written then.
func (c Command) Encode(value string) (line, canonical string, err error) {
	if err := printable(value); err != nil {
		return "", "", err
	}
	canonical, text, err := c.check(value)
	if err != nil {
		return "", "", err
	}
	return strings.ReplaceAll(c.template(), "{value}", text), canonical, nil
}

// Longest is how many bytes its longest line has, without the ending.
func (c Command) Longest() int {
	longest := 0
	switch c.Type {
	case Bool:
		longest = max(len(cmp.Or(c.On, "on")), len(cmp.Or(c.Off, "off")))
	case Int:
		longest = max(bounded(c.Min, math.MinInt64), bounded(c.Max, math.MaxInt64))
	case Enum:
		for _, value := range c.Values {
			longest = max(longest, len(value))
		}
	default:
		longest = cmp.Or(c.MaxLength, DefaultMaxLength)
	}
	return len(strings.ReplaceAll(c.template(), "{value}", strings.Repeat("x", longest)))
}

// bounded is how many bytes the number at a bound has.
func bounded(bound *int64, otherwise int64) int {
	if bound != nil {
		otherwise = *bound
	}
	return len(strconv.FormatInt(otherwise, 10))
}

func (c Command) template() string { return cmp.Or(c.Write, c.Name+"={value}") }

// check gives the canonical value and the text that stands for it on the wire.
func (c Command) check(value string) (canonical, text string, err error) {
	switch c.Type {
	case Bool:
		return c.checkBool(value)
	case Int:
		return c.checkInt(value)
	case Enum:
		if !slices.Contains(c.Values, value) {
			return "", "", fmt.Errorf("%s is not one of %s", quote(value), strings.Join(c.Values, ", "))
		}
		return value, value, nil
	default:
		limit := c.MaxLength
		if limit == 0 {
			limit = DefaultMaxLength
		}
		if len(value) > limit {
			return "", "", fmt.Errorf("%d bytes are more than max_length %d", len(value), limit)
		}
		return value, value, nil
	}
}

func (c Command) checkBool(value string) (canonical, text string, err error) {
	on, off := c.On, c.Off
	if on == "" {
		on = "on"
	}
	if off == "" {
		off = "off"
	}
	switch strings.ToLower(value) {
	case "on", "true", "1":
		return "on", on, nil
	case "off", "false", "0":
		return "off", off, nil
	}
	return "", "", fmt.Errorf("%s is not on or off", quote(value))
}

func (c Command) checkInt(value string) (canonical, text string, err error) {
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return "", "", fmt.Errorf("%s is not a whole number", quote(value))
	}
	if c.Min != nil && n < *c.Min {
		return "", "", fmt.Errorf("%d is below min %d", n, *c.Min)
	}
	if c.Max != nil && n > *c.Max {
		return "", "", fmt.Errorf("%d is above max %d", n, *c.Max)
	}
	text = strconv.FormatInt(n, 10)
	return text, text, nil
}

// quote shows a value in an error, cut to what a person reads: a payload may be
// megabytes, and the error is published.
func quote(value string) string {
	const most = 40
	if len(value) <= most {
		return strconv.Quote(value)
	}
	cut := most
	for !utf8.RuneStart(value[cut]) {
		cut--
	}
	return strconv.Quote(value[:cut] + "…")
}

// printable refuses what could end a line early or act on a terminal: a board
// would take the rest of "on\nreset" for a second command.
func printable(value string) error {
	if !utf8.ValidString(value) {
		return fmt.Errorf("the value is not UTF-8 text")
	}
	for _, r := range value {
		if unicode.IsControl(r) {
			return fmt.Errorf("the value has a control character (%U)", r)
		}
	}
	return nil
}

// Status is how a command ended.
type Status string

// The statuses of the contract. All but Done and Sent come with an error.
const (
	Done     Status = "done"     // the board confirmed
	Sent     Status = "sent"     // written; this board can't confirm
	Rejected Status = "rejected" // refused here, not a byte was written
	Failed   Status = "failed"   // the board said no; or it may have run, and nobody knows
	Expired  Status = "expired"  // the board was away or busy for too long: it has not run
)

// Result tells truly what became of one command.
type Result struct {
	Status Status
	Value  string        // canonical where it was understood, else as it came
	Line   string        // what was written, without its ending
	Reply  string        // what the board answered
	Error  string        // why, in words
	Took   time.Duration // from arrival to this result
}
