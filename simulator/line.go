package simulator

import (
	"bytes"
	"encoding/json"
	"math/bits"
	"regexp"
	"strconv"
	"strings"
)

// part is a piece of a template: literal text, or the name of a value.
type part struct {
	literal string
	name    string
	quoted  bool // in JSON: text needs quotes, a number does not
}

// placeholder matches what a template replaces. The brace of a JSON object is
// not a placeholder, since no name follows it.
var placeholder = regexp.MustCompile(`\{[A-Za-z_][A-Za-z0-9_]*\}`)

func parseTemplate(text string) []part {
	var parts []part
	for text != "" {
		at := placeholder.FindStringIndex(text)
		if at == nil {
			return append(parts, part{literal: text})
		}
		if at[0] > 0 {
			parts = append(parts, part{literal: text[:at[0]]})
		}
		parts = append(parts, part{name: text[at[0]+1 : at[1]-1]})
		text = text[at[1]:]
	}
	return parts
}

// fill replaces the placeholders of a template once; an unknown one becomes "".
func fill(text string, lookup func(name string) string) string {
	var b strings.Builder
	for _, p := range parseTemplate(text) {
		b.WriteString(p.literal)
		if p.name != "" {
			b.WriteString(lookup(p.name))
		}
	}
	return b.String()
}

// state holds the variables of the board.
type state struct{ variables []Variable }

func newState(variables []Variable) *state {
	return &state{append([]Variable(nil), variables...)}
}

func (s *state) find(name string) *Variable {
	for i := range s.variables {
		if s.variables[i].Name == name {
			return &s.variables[i]
		}
	}
	return nil
}

func (s *state) has(name string) bool { return s.find(name) != nil }

func (s *state) get(name string) string {
	if v := s.find(name); v != nil {
		return v.Value
	}
	return ""
}

// printer writes the lines of a board.
type printer struct {
	parts   []part
	signals map[string]*generator
}

func newPrinter(s *Spec) *printer {
	p := &printer{parts: s.template(), signals: map[string]*generator{}}
	for _, signal := range s.Signals {
		p.signals[signal.Name] = &generator{Signal: signal, every: s.Every, seed: signalSeed(s.Seed, signal.Name)}
	}
	return p
}

// empty reports whether the board has nothing to print by itself.
func (p *printer) empty() bool { return len(p.parts) == 0 }

func (p *printer) append(to []byte, tick int64, vars *state) []byte {
	for _, part := range p.parts {
		to = append(to, part.literal...)
		if part.name != "" {
			to = p.appendValue(to, part, tick, vars)
		}
	}
	return to
}

func (p *printer) appendValue(to []byte, part part, tick int64, vars *state) []byte {
	if g := p.signals[part.name]; g != nil {
		return strconv.AppendFloat(to, g.at(tick), 'f', g.Decimals, 64)
	}
	if part.name == "tick" {
		return strconv.AppendInt(to, tick, 10)
	}
	value := vars.get(part.name)
	if !part.quoted || json.Valid([]byte(value)) {
		return append(to, value...)
	}
	text, _ := json.Marshal(value) // a string always has a JSON form
	return append(to, text...)
}

// template returns the line of the board in parts: its own, or one that its
// format makes of its signals and variables.
func (s *Spec) template() []part {
	if s.Line != "" {
		return parseTemplate(s.Line)
	}
	var names []string
	for _, signal := range s.Signals {
		names = append(names, signal.Name)
	}
	for _, variable := range s.State {
		names = append(names, variable.Name)
	}
	if len(names) == 0 {
		return nil
	}
	var parts []part
	for i, name := range names {
		parts = append(parts, part{literal: s.Format.before(name, i == 0)}, part{name: name, quoted: s.Format == JSON})
	}
	if s.Format == JSON {
		parts = append(parts, part{literal: "}"})
	}
	return parts
}

// before returns the text before a value.
func (f Format) before(name string, first bool) string {
	separator := ","
	if first {
		separator = ""
	}
	switch f {
	case Plotter:
		return separator + name + ":"
	case CSV:
		return separator
	case JSON:
		if first {
			separator = "{"
		}
		return separator + `"` + name + `":`
	default:
		return separator + name + "="
	}
}

// match reports whether a line is the command, and with what value.
func (c Command) match(line []byte) (value string, ok bool) {
	before, after, has := strings.Cut(c.On, "{value}")
	if !has {
		return "", string(line) == c.On
	}
	rest, ok := bytes.CutPrefix(line, []byte(before))
	if !ok {
		return "", false
	}
	rest, ok = bytes.CutSuffix(rest, []byte(after))
	return string(rest), ok && len(rest) > 0
}

// mulMod returns a*b modulo m without overflow. None is negative, and m is above
// zero.
func mulMod(a, b, m int64) int64 {
	high, low := bits.Mul64(uint64(a), uint64(b))
	return int64(bits.Rem64(high, low, uint64(m)))
}
