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

// CommandType is the type of a command's value.
type CommandType string

// The command types.
const (
	Bool CommandType = "bool"
	Int  CommandType = "int"
	Enum CommandType = "enum"
	Text CommandType = "text"
)

// CommandTypes lists all command types.
var CommandTypes = []CommandType{Bool, Int, Enum, Text}

// LongestLine is the size of the input buffer of an AVR: the longest line that a board can
// take, in bytes with the line's ending.
const LongestLine = 63

// MaxCommandName bounds the name of a command, in bytes. With a value it is part of a
// line.
const MaxCommandName = 64

// DefaultMaxLength bounds the value of a Text without MaxLength, in bytes. With a name and a
// line ending it fits into a board's input buffer.
const DefaultMaxLength = 32

// Command is the configuration of one command that a device accepts.
type Command struct {
	Name      string
	Type      CommandType
	Min, Max  *int64   // of Int; nil: unbounded
	Values    []string // of Enum
	MaxLength int      // of Text, in bytes; 0: DefaultMaxLength
	Write     string   // the line, with {value} in it; "": NAME={value}
	On, Off   string   // what a Bool writes; "": on, off

	Confirm *regexp.Regexp // matches the line with which the board confirms the command; nil: it does not
}

// Encode returns the line for a value, without its ending, and the value in its canonical
// form: "on" for "ON". If the command does not accept the value, the error says why, in
// words for a user.
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

// Longest returns the length of the command's longest line, in bytes without the ending.
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

// bounded returns the length of the number at a bound, in bytes.
func bounded(bound *int64, otherwise int64) int {
	if bound != nil {
		otherwise = *bound
	}
	return len(strconv.FormatInt(otherwise, 10))
}

func (c Command) template() string { return cmp.Or(c.Write, c.Name+"={value}") }

// check returns the canonical value and its text on the wire.
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

// quote shortens and quotes a value for an error, which is published: a payload may have
// megabytes.
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

// printable refuses control characters: they could end the line early, so that the board
// would run the rest of "on\nreset" as a second command, or act on a terminal.
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

// Status is how a command ended. All but Done and Sent come with Result.Error.
type Status string

// The statuses.
const (
	Done     Status = "done"     // the board confirmed it
	Sent     Status = "sent"     // written to a board that does not confirm commands
	Rejected Status = "rejected" // refused by the gateway before a byte was written
	Failed   Status = "failed"   // the board refused it, or it may have run
	Expired  Status = "expired"  // not written in time: it has not run
)

// Result is how a command ended.
type Result struct {
	Status Status
	Value  string        // in canonical form if it was accepted, else as it came
	Line   string        // that was written, without its ending
	Reply  string        // the board's answer
	Error  string        // in words for a user
	Took   time.Duration // from arrival to this result
}
