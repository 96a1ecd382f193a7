package lineformat

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNames bounds the names that a parser keeps. A board has a handful. One that
// always prints new names costs an allocation a name, and no more memory.
const maxNames = 256

// names maps a raw name to its spelling. It returns the same string for the same
// name each time, so that a name costs nothing after its first line and keeps no
// old line in memory.
type names map[string]string

// of returns the spelling of a name: lower case, each run of anything but
// letters and digits one "_", none at the ends. It is empty if nothing remains.
func (n names) of(raw string) string {
	if name, ok := n[raw]; ok {
		return name
	}
	return n.remember(strings.Clone(raw))
}

func (n names) ofBytes(raw []byte) string {
	if name, ok := n[string(raw)]; ok {
		return name
	}
	return n.remember(string(raw))
}

// remember adds a string that is not part of a line.
func (n names) remember(raw string) string {
	if len(n) >= maxNames {
		clear(n)
	}
	name := normal(raw)
	n[raw] = name
	return name
}

func normal(raw string) string {
	b := make([]byte, 0, len(raw))
	gap := false
	for _, r := range raw {
		if '₀' <= r && r <= '₉' { // CO₂
			r += '0' - '₀'
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap && len(b) > 0 {
			b = append(b, '_')
		}
		gap = false
		b = utf8.AppendRune(b, unicode.ToLower(r))
	}
	if string(b) == raw {
		return raw
	}
	return string(b)
}

// add appends a reading; a second one with the same name becomes NAME_2. So does one
// whose unit is another than that of the name on the lines before:
//
//	Ambient = 23.50*C    Object = 31.20*C
//	Ambient = 74.30*F    Object = 88.16*F
func (p *Parser) add(name, value, unit string) {
	if p.used(name) || unit != "" && p.otherUnit(name, unit) {
		name = p.freeName(name, unit)
	}
	p.append(name, value, unit)
}

func (p *Parser) used(name string) bool {
	for i := range p.out {
		if p.out[i].Name == name {
			return true
		}
	}
	return false
}

// otherUnit reports whether a name has another unit. A name without one takes it.
func (p *Parser) otherUnit(name, unit string) bool {
	unit = canonical(unit)
	known, ok := p.units[name]
	if ok {
		return known != unit
	}
	if len(p.units) >= maxNames {
		clear(p.units)
	}
	p.units[name] = unit
	return false
}

// freeName returns the first free one of NAME_2, NAME_3, … whose unit is the same. It
// starts where it ended last time on this line; otherwise a line of one repeated name
// would cost the cube of its length.
func (p *Parser) freeName(name, unit string) string {
	for n := max(p.repeats[name], 1) + 1; ; n++ {
		p.scratch = append(append(p.scratch[:0], name...), '_')
		p.scratch = strconv.AppendInt(p.scratch, int64(n), 10)
		candidate := p.names.ofBytes(p.scratch)
		if !p.used(candidate) && (unit == "" || !p.otherUnit(candidate, unit)) {
			if p.used(name) {
				p.repeats[name] = n
			}
			return candidate
		}
	}
}
