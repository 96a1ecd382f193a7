package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// longestText still fits a board's 64-byte input buffer with its line ending.
const longestText = 62

func (r *reader) commands(d *device.Device) strictyaml.Set {
	return r.Each(func(key, name string, n *strictyaml.Node) {
		c := device.Command{Name: name}
		r.Fields(map[string]strictyaml.Set{
			"type":       strictyaml.Word(r.Document, &c.Type, device.CommandTypes...),
			"min":        r.limit(&c.Min),
			"max":        r.limit(&c.Max),
			"values":     r.values(&c.Values),
			"max_length": strictyaml.Whole(r.Document, &c.MaxLength, 1, longestText),
			"write":      r.written(&c.Write),
			"on":         r.written(&c.On),
			"off":        r.written(&c.Off),
			"confirm":    r.confirm(&c.Confirm),
		})(key, n)
		r.checkName(key, name)
		r.checkCommand(key, c)
		if d.Commands == nil {
			d.Commands = map[string]device.Command{}
		}
		d.Commands[name] = c
	})
}

// values takes the list of an enum.
func (r *reader) values(to *[]string) strictyaml.Set {
	return r.list(to, func(key string, n *strictyaml.Node) (same string, ok bool) {
		ok = r.Apply(r.Text(&same), key, n) && r.isPrintable(key, n)
		return same, ok
	})
}

// written takes what goes to the board.
func (r *reader) written(to *string) strictyaml.Set {
	return r.Scalar("a text", func(key string, n *strictyaml.Node) {
		switch {
		case n.Value == "":
			r.Reject(n, key, "an empty text writes nothing", "")
		case r.isPrintable(key, n):
			*to = n.Value
		}
	})
}

// confirm takes what a board prints when it has run a command.
func (r *reader) confirm(to **regexp.Regexp) strictyaml.Set {
	return r.Scalar("a regular expression", func(key string, n *strictyaml.Node) {
		re, err := regexp.Compile(n.Value)
		switch {
		case err != nil:
			r.Reject(n, key, "not a regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "), "")
		case re.MatchString(""):
			r.Reject(n, key, "any line matches it: it would confirm nothing", "such as '^OK'")
		default:
			*to = re
		}
	})
}

// checkLengths finds commands of which a board's buffer would lose the end.
func (r *reader) checkLengths(key string, d *device.Device) {
	for name, c := range d.Commands {
		if n := c.Longest() + len(d.LineEnding.Bytes()); n > device.LongestLine {
			r.ReportAt(key+".commands."+name, fmt.Sprintf("its longest line has %d bytes with the ending; a board's buffer takes %d", n, device.LongestLine),
				"shorten write or max_length")
		}
	}
}

// isPrintable refuses what a board would take for more than one line.
func (r *reader) isPrintable(key string, n *strictyaml.Node) bool {
	if strings.ContainsFunc(n.Value, isControl) {
		r.Reject(n, key, "a control character", "the line's ending comes by line_ending")
		return false
	}
	return true
}

func isControl(c rune) bool { return unicode.IsControl(c) }

// owned are the keys that belong to one type.
var owned = []struct {
	key string
	by  device.CommandType
}{
	{"min", device.Int}, {"max", device.Int}, {"values", device.Enum},
	{"max_length", device.Text}, {"on", device.Bool}, {"off", device.Bool},
}

// checkCommand looks at the keys of a command together.
func (r *reader) checkCommand(key string, c device.Command) {
	if r.Missing(key + ".type") {
		r.ReportAt(key+".type", "is missing", "one of bool, int, enum, text")
	}
	if c.Type == "" {
		return
	}
	for _, o := range owned {
		if at := key + "." + o.key; c.Type != o.by && r.Has(at) {
			r.ReportAt(at, fmt.Sprintf("belongs to type %s, and this command is of type %s", o.by, c.Type), "remove it, or change the type")
		}
	}
	switch c.Type {
	case device.Bool:
		r.checkBool(key, c)
	case device.Int:
		if c.Min != nil && c.Max != nil && *c.Min > *c.Max {
			r.ReportAt(key+".max", "is below min", "")
		}
	case device.Enum:
		if r.Missing(key + ".values") {
			r.ReportAt(key+".values", "is missing", "such as values: [auto, manual]")
		}
	}
	r.checkTemplate(key, c)
}

// checkBool finds what the board could not tell apart.
func (r *reader) checkBool(key string, c device.Command) {
	on, off := cmp.Or(c.On, "on"), cmp.Or(c.Off, "off")
	if on == off && r.Valid(key+".on") && r.Valid(key+".off") {
		at := key + ".off"
		if !r.Has(at) {
			at = key + ".on"
		}
		r.ReportAt(at, "on and off both write "+strictyaml.Quote(on), "")
	}
}

// otherTemplates are how {value} is written elsewhere.
var otherTemplates = []string{"{VALUE}", "{Value}", "{ value }", "$value", "%s", "%d"}

// checkTemplate: only a command with one value can do without {value}.
func (r *reader) checkTemplate(key string, c device.Command) {
	single := c.Type == device.Enum && len(c.Values) <= 1
	if c.Write == "" || single || strings.Contains(c.Write, "{value}") {
		return
	}
	hint := `such as "P{value}"`
	if slices.ContainsFunc(otherTemplates, func(other string) bool { return strings.Contains(c.Write, other) }) {
		hint = "it is written {value}"
	}
	r.ReportAt(key+".write", "the value is nowhere in it: whatever comes would write "+strictyaml.Quote(c.Write), hint)
}
