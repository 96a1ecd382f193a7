package protocol

import (
	"bytes"
	"fmt"
	"strings"

	"arduino-gateway/device"
)

// Version is the protocol's version, as a hello tells it. A board that tells
// another one is to be treated as one that only prints lines.
const Version = 1

// maxParts bounds what a board may say of itself.
const maxParts = 255

// A Collector makes a description of the lines of hellos. It may be given every
// line; those of other kinds it passes over. A hello that is cut may be filled
// up by the next one. It is not for concurrent use.
type Collector struct {
	first string // the hello line that the parts belong to
	have  []bool // which of the parts have come
	left  int    // how many have not
	made  device.Description
}

// Take takes a line. The error says what a part of the description, or all of
// it, is not taken for, in a user's words; other parts count all the same.
func (c *Collector) Take(l Line) error {
	switch l.Kind {
	case HelloLine:
		return c.begin(l)
	case PartLine:
		return c.part(l.Part)
	default:
		return nil
	}
}

// Description gives the whole description; ok is false while lines of it are
// missing. It is the caller's own once it is whole.
func (c *Collector) Description() (d device.Description, ok bool) {
	return c.made, c.first != "" && c.left == 0
}

// begin starts anew where the hello is another.
func (c *Collector) begin(l Line) error {
	if string(l.Text) == c.first {
		return nil
	}
	*c = Collector{}
	h := l.Hello
	switch {
	case h.Protocol != Version:
		return fmt.Errorf("the board speaks version %d of the protocol, the gateway version %d (hint: bring the library on the board and the gateway together)", h.Protocol, Version)
	case !isID(h.ID):
		return fmt.Errorf("%q is no ID of a device (hint: a to z, 0 to 9, _ and -)", h.ID)
	case h.Parts > maxParts:
		return fmt.Errorf("a hello of %d parts; %d are allowed", h.Parts, maxParts)
	}
	c.first, c.left = string(l.Text), int(h.Parts)
	c.have = make([]bool, h.Parts)
	c.made = device.Description{
		ID:       string(h.ID),
		Library:  string(h.Library),
		Readings: map[string]device.ReadingSpec{},
		Commands: map[string]device.Command{},
	}
	return nil
}

func (c *Collector) part(p Part) error {
	if c.first == "" || int(p.Parts) != len(c.have) || c.have[p.Number-1] {
		return nil
	}
	c.have[p.Number-1] = true
	c.left--
	name, rest := cut(p.Rest)
	if !isName(name) {
		return fmt.Errorf("%q is no name (hint: a to z, 0 to 9 and _)", name)
	}
	if p.Command {
		return c.command(string(name), string(rest))
	}
	return c.reading(string(name), string(rest))
}

func (c *Collector) reading(name, unit string) error {
	if _, double := c.made.Readings[name]; double {
		return fmt.Errorf("the reading %s comes twice", name)
	}
	if strings.ContainsFunc(unit, control) {
		return fmt.Errorf("the unit of %s has a control character in it", name)
	}
	c.made.Readings[name] = device.ReadingSpec{Unit: strings.ToValidUTF8(unit, "?")}
	return nil
}

func (c *Collector) command(name, spec string) error {
	if _, double := c.made.Commands[name]; double {
		return fmt.Errorf("the command %s comes twice", name)
	}
	command, err := ParseCommand(name, spec)
	if err != nil {
		return fmt.Errorf("command %s: %w", name, err)
	}
	c.made.Commands[name] = command
	return nil
}

// isName: such names are readings, levels of a topic and keys of YAML as they are.
func isName(text []byte) bool {
	return len(text) > 0 && !bytes.ContainsFunc(text, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_')
	})
}

// isID: as isName, and "-".
func isID(text []byte) bool {
	return isName(bytes.ReplaceAll(text, []byte{'-'}, []byte{'_'}))
}
