package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"arduino-gateway/device"
)

// Version is the version of the protocol in a hello. Treat a board with another version as
// one that only prints lines.
const Version = 1

// maxParts bounds the description of a board.
const maxParts = 255

// A Collector makes a description of the lines of a hello. It ignores lines of other kinds,
// and fills the gaps of an incomplete hello with the lines of the next one. It is not for
// concurrent use.
type Collector struct {
	first string // the hello line to which the parts belong
	have  []bool // the parts that have come
	left  int    // the number of parts that have not
	made  device.Description

	output uint16 // of the hello line
	begun  bool   // a hello has begun, and its end has not come
	ends   int    // of hellos without all parts
}

// Add adds a line. The error says, in words for a user, why the description or a part of it
// is not accepted; the other parts are.
func (c *Collector) Add(l Line) error {
	switch l.Kind {
	case HelloLine:
		return c.begin(l)
	case PartLine:
		return c.part(l.Part)
	case StateLine:
		return c.end()
	default:
		return nil
	}
}

// Description returns the description; ok is false while lines of it are missing. The
// caller may keep it once it is complete.
func (c *Collector) Description() (d device.Description, ok bool) {
	return c.made, c.first != "" && c.left == 0
}

// begin starts again if this is another hello.
func (c *Collector) begin(l Line) error {
	c.begun = true
	if string(l.Text) == c.first {
		return nil
	}
	*c = Collector{begun: true}
	h := l.Hello
	switch {
	case h.Protocol != Version:
		return fmt.Errorf("the board speaks version %d of the protocol, the gateway version %d (hint: update the library on the board, or the gateway)", h.Protocol, Version)
	case !isID(h.ID):
		return fmt.Errorf("%q is not a device ID (hint: a to z, 0 to 9, _ and -)", h.ID)
	case h.Parts > maxParts:
		return fmt.Errorf("the hello announces %d parts; at most %d are allowed", h.Parts, maxParts)
	}
	c.first, c.left = string(l.Text), int(h.Parts)
	c.have = make([]bool, h.Parts)
	c.output = h.Output
	c.made = device.Description{
		ID:       string(h.ID),
		Library:  string(h.Library),
		Readings: map[string]device.ReadingSpec{},
		Commands: map[string]device.Command{},
	}
	return nil
}

// patience is after how many hellos without a part the part is not only lost on the wire.
const patience = 3

// end ends a hello. It reports once which parts never come, and why that may be.
func (c *Collector) end() error {
	if !c.begun || c.left == 0 {
		return nil
	}
	c.begun = false
	c.ends++
	if c.ends != patience {
		return nil
	}
	why := "the board's sketch or the wire damages their lines each time (hint: gateway monitor shows them)"
	if c.output == 0 {
		why = "a library before 0.3 drops a line of more than 80 bytes (hint: shorten what these parts say, or update the library)"
	}
	return fmt.Errorf("the hello came %d times without %s: %s", c.ends, c.missing(), why)
}

// missing names the parts that have not come.
func (c *Collector) missing() string {
	var numbers []string
	for i, have := range c.have {
		if !have {
			numbers = append(numbers, strconv.Itoa(i+1))
		}
	}
	return fmt.Sprintf("part %s of %d", strings.Join(numbers, ", "), len(c.have))
}

func (c *Collector) part(p Part) error {
	if c.first == "" || int(p.Parts) != len(c.have) || c.have[p.Number-1] {
		return nil
	}
	c.have[p.Number-1] = true
	c.left--
	name, rest := cut(p.Rest)
	if !isName(name) {
		return fmt.Errorf("%q is not a name (hint: a to z, 0 to 9 and _)", name)
	}
	if p.Command {
		return c.command(string(name), string(rest))
	}
	return c.reading(string(name), string(rest))
}

func (c *Collector) reading(name, unit string) error {
	if _, double := c.made.Readings[name]; double {
		return fmt.Errorf("duplicate reading %s", name)
	}
	if strings.ContainsFunc(unit, control) {
		return fmt.Errorf("the unit of %s contains a control character", name)
	}
	c.made.Readings[name] = device.ReadingSpec{Unit: strings.ToValidUTF8(unit, "?")}
	return nil
}

// errUntold is about a command whose line the board cuts off. A library before 0.3 does not.
var errUntold = errors.New("the board does not say what it takes (hint: in its sketch on() returns false: the text is too long for a line of the board, or the bounds are not of the form 0..255)")

func (c *Collector) command(name, spec string) error {
	if _, double := c.made.Commands[name]; double {
		return fmt.Errorf("duplicate command %s", name)
	}
	if spec == "" && c.output > 0 {
		return fmt.Errorf("command %s: %w", name, errUntold)
	}
	command, err := ParseCommand(name, spec)
	if err != nil {
		return fmt.Errorf("command %s: %w", name, err)
	}
	c.made.Commands[name] = command
	return nil
}

// isName reports whether text can be a name: of a reading, in a topic and in YAML.
func isName(text []byte) bool {
	return len(text) > 0 && !bytes.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_')
	})
}

// isID is isName with "-" allowed.
func isID(text []byte) bool {
	return isName(bytes.ReplaceAll(text, []byte{'-'}, []byte{'_'}))
}
