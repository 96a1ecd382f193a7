package config

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"arduino-gateway/device"
	"arduino-gateway/internal/strictyaml"
)

// longestText still fits a board's 64-byte input buffer with its line ending.
const longestText = 62

func (r *reader) commands(d *device.Device) strictyaml.Set {
	return r.Each(func(path, name string, n *strictyaml.Node) {
		c := device.Command{Name: name}
		r.Fields(map[string]strictyaml.Set{
			"type":       strictyaml.Word(r.Document, &c.Type, device.CommandTypes...),
			"min":        r.limit(&c.Min),
			"max":        r.limit(&c.Max),
			"values":     r.Texts(&c.Values),
			"max_length": strictyaml.Whole(r.Document, &c.MaxLength, 1, longestText),
			"write":      r.Text(&c.Write),
			"on":         r.Text(&c.On),
			"off":        r.Text(&c.Off),
		})(path, n)
		r.checkCommand(path, c)
		if d.Commands == nil {
			d.Commands = map[string]device.Command{}
		}
		d.Commands[name] = c
	})
}

func (r *reader) limit(to **int64) strictyaml.Set {
	var v int64
	whole := strictyaml.Whole(r.Document, &v, math.MinInt64, math.MaxInt64)
	return func(key string, n *strictyaml.Node) {
		whole(key, n)
		*to = &v
	}
}

// owners tells of which type a key is.
var owners = map[string]device.CommandType{
	"min": device.Int, "max": device.Int, "values": device.Enum,
	"max_length": device.Text, "on": device.Bool, "off": device.Bool,
}

// checkCommand looks at the keys of a command together.
func (r *reader) checkCommand(path string, c device.Command) {
	if why := badLevel(c.Name); why != "" {
		r.SayAt(path, "the name is a topic level: "+why, "")
	}
	if !r.Has(path + ".type") {
		r.SayAt(path, "type is missing", "one of bool, int, enum, text")
		return
	}
	for key, owner := range owners {
		if r.Has(path+"."+key) && c.Type != owner && c.Type != "" {
			r.SayAt(path+"."+key, fmt.Sprintf("is of type %s, and this command is of type %s", owner, c.Type), "remove it, or change the type")
		}
	}
	r.checkValues(path, c)
	r.checkWritten(path, c)
}

func (r *reader) checkValues(path string, c device.Command) {
	switch {
	case c.Type == device.Enum && len(c.Values) == 0:
		r.SayAt(path+".values", "an enum without values", "such as values: [auto, manual]")
	case c.Type == device.Int && c.Min != nil && c.Max != nil && *c.Min > *c.Max:
		r.SayAt(path+".max", "max is below min", "")
	case c.Type == device.Bool && c.On != "" && c.On == c.Off:
		r.SayAt(path+".off", "the board could not tell on from off", "")
	}
	for i, v := range c.Values {
		if slices.Index(c.Values, v) < i {
			r.SayAt(fmt.Sprintf("%s.values[%d]", path, i), fmt.Sprintf("%q stands there twice", v), "")
		}
	}
}

// checkWritten refuses what a board would take for more than one line.
func (r *reader) checkWritten(path string, c device.Command) {
	if r.Has(path+".write") && c.Write == "" {
		r.SayAt(path+".write", "an empty template writes nothing", `such as write: "L{value}"`)
	}
	texts := map[string]string{"write": c.Write, "on": c.On, "off": c.Off}
	for i, v := range c.Values {
		texts[fmt.Sprintf("values[%d]", i)] = v
	}
	for key, text := range texts {
		if strings.ContainsFunc(text, unicode.IsControl) {
			r.SayAt(path+"."+key, "a control character", "the line's ending comes by line_ending")
		}
	}
	if c.Type == device.Text && strings.Contains(c.Write, "{value}") || c.Type == "" || c.Write == "" {
		return
	}
	if c.Type != device.Bool && !strings.Contains(c.Write, "{value}") {
		r.SayAt(path+".write", "the value is nowhere in it", `such as write: "P{value}"`)
	}
}
