package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// mostLength is the longest text that fits a board's 64-byte input buffer together
// with the line ending.
const mostLength = 62

// commandReader reads the commands of a device.
type commandReader struct {
	doc    document
	key    string // of the device
	device *device.Device
}

func (r commandReader) read() strictyaml.Set {
	return r.doc.Each(func(key, name string, n *strictyaml.Node) {
		doc, c := r.doc, device.Command{Name: name}
		doc.Fields(map[string]strictyaml.Set{
			"type":       strictyaml.Word(doc.Document, &c.Type, device.CommandTypes...),
			"min":        doc.whole(&c.Min),
			"max":        doc.whole(&c.Max),
			"values":     r.values(&c.Values),
			"max_length": strictyaml.Whole(doc.Document, &c.MaxLength, 1, mostLength),
			"write":      r.written(&c.Write),
			"on":         r.written(&c.On),
			"off":        r.written(&c.Off),
			"confirm":    r.confirm(&c.Confirm),
		})(key, n)
		doc.checkName(key, name)
		if len(name) > device.MaxCommandName && badLevel(name) == "" {
			doc.ReportAt(key, fmt.Sprintf("the name of a command must not be longer than %d bytes", device.MaxCommandName), "")
		}
		r.check(key, c)
		if r.device.Commands == nil {
			r.device.Commands = map[string]device.Command{}
		}
		r.device.Commands[name] = c
	})
}

// values reads the list of an enum.
func (r commandReader) values(to *[]string) strictyaml.Set {
	return r.doc.list(to, func(key string, n *strictyaml.Node) (same string, ok bool) {
		ok = r.doc.Apply(r.doc.Text(&same), key, n) && r.isPrintable(key, n)
		return same, ok
	})
}

// written reads a text that goes to the board.
func (r commandReader) written(to *string) strictyaml.Set {
	return r.doc.Scalar("a text", func(key string, n *strictyaml.Node) {
		switch {
		case n.Value == "":
			r.doc.Reject(n, key, "must not be empty", "")
		case r.isPrintable(key, n):
			*to = n.Value
		}
	})
}

// confirm reads the pattern of the line with which a board confirms a command.
func (r commandReader) confirm(to **regexp.Regexp) strictyaml.Set {
	return r.doc.Scalar("a regular expression", func(key string, n *strictyaml.Node) {
		re, err := regexp.Compile(n.Value)
		switch {
		case err != nil:
			r.doc.Reject(n, key, notRegexp(err), "")
		case re.MatchString(""):
			r.doc.Reject(n, key, "matches every line, which would confirm nothing", "such as '^OK'")
		default:
			*to = re
		}
	})
}

// isPrintable rejects a text that a board would read as more than one line.
func (r commandReader) isPrintable(key string, n *strictyaml.Node) bool {
	if strings.ContainsFunc(n.Value, isControl) {
		r.doc.Reject(n, key, "must not contain a control character", "line_ending adds the line ending")
		return false
	}
	return true
}

// checkLengths finds commands that a board's input buffer would cut off.
func (r commandReader) checkLengths() {
	for name, c := range r.device.Commands {
		if n := c.Longest() + len(r.device.LineEnding.Bytes()); n > device.LongestLine {
			r.doc.ReportAt(r.key+".commands."+name,
				fmt.Sprintf("its longest line is %d bytes with the ending; a board's buffer holds %d", n, device.LongestLine),
				"shorten write or max_length")
		}
	}
}

// typed are the keys that belong to one type.
var typed = []struct {
	key string
	by  device.CommandType
}{
	{"min", device.Int}, {"max", device.Int}, {"values", device.Enum},
	{"max_length", device.Text}, {"on", device.Bool}, {"off", device.Bool},
}

// check checks the keys of one command that depend on each other.
func (r commandReader) check(key string, c device.Command) {
	if r.doc.Missing(key + ".type") {
		r.doc.ReportAt(key+".type", "is missing", "one of bool, int, enum, text")
	}
	if c.Type == "" {
		return
	}
	for _, t := range typed {
		if at := key + "." + t.key; c.Type != t.by && r.doc.Has(at) {
			r.doc.ReportAt(at, fmt.Sprintf("is for type %s, and this command has type %s", t.by, c.Type), "remove it, or change the type")
		}
	}
	switch c.Type {
	case device.Bool:
		r.checkBool(key, c)
	case device.Int:
		if c.Min != nil && c.Max != nil && *c.Min > *c.Max {
			r.doc.ReportAt(key+".max", "is below min", "")
		}
	case device.Enum:
		if r.doc.Missing(key + ".values") {
			r.doc.ReportAt(key+".values", "is missing", "such as values: [auto, manual]")
		}
	}
	r.checkTemplate(key, c)
}

// checkBool finds on and off texts that a board could not tell apart.
func (r commandReader) checkBool(key string, c device.Command) {
	on, off := cmp.Or(c.On, "on"), cmp.Or(c.Off, "off")
	if on == off && r.doc.Valid(key+".on") && r.doc.Valid(key+".off") {
		at := key + ".off"
		if !r.doc.Has(at) {
			at = key + ".on"
		}
		r.doc.ReportAt(at, "on and off both write "+strictyaml.Quote(on), "")
	}
}

// otherTemplates are placeholders of other programs.
var otherTemplates = []string{"{VALUE}", "{Value}", "{ value }", "$value", "%s", "%d"}

// checkTemplate finds a write without {value}. Only a command with a single value
// does not need it.
func (r commandReader) checkTemplate(key string, c device.Command) {
	single := c.Type == device.Enum && len(c.Values) <= 1
	if c.Write == "" || single || strings.Contains(c.Write, "{value}") {
		return
	}
	hint := `such as "P{value}"`
	if slices.ContainsFunc(otherTemplates, func(other string) bool { return strings.Contains(c.Write, other) }) {
		hint = "write {value}"
	}
	r.doc.ReportAt(key+".write", "has no {value}: every value would write "+strictyaml.Quote(c.Write), hint)
}
