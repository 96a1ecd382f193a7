package lineformat

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// readNumbers reads a line with only numbers:
//
//	511
//	511,204,1023
//	409\t337\t337
//	23.5 °C; 40 %
//	-  29.182 g
func (p *Parser) readNumbers(text string) error {
	rest := trim(text)
	if rest == "" {
		return nil
	}
	if value, unit, n := apart("", rest); n == len(rest) {
		p.append("", value, unit)
		return p.nameNumbers(text)
	}
	for rest != "" {
		value, unit, n := quantityAt(rest)
		if n == 0 {
			return p.numberError(rest)
		}
		p.append("", value, unit)
		rest = trimLeft(rest[n:])
		if unit != "" && rest != "" && (rest[0] == '(' || rest[0] == '/') { // 23.5C (74.3F)
			p.leave("", rest)
			break
		}
		if rest != "" && isBreak(rest[0]) {
			rest = trimLeft(rest[1:])
		}
	}
	return p.nameNumbers(text)
}

func (p *Parser) numberError(rest string) error {
	if isBreak(rest[0]) {
		return fmt.Errorf("value %d is missing", len(p.out)+1)
	}
	return fmt.Errorf("value %d is not a number: %s", len(p.out)+1, quote(rest[:wordEnd(rest)]))
}

func (p *Parser) nameNumbers(text string) error {
	columns := p.columns
	if columns == nil {
		columns = p.headerNames(text)
	}
	switch {
	case columns != nil:
		if len(p.out) != len(columns) {
			return columnsError(len(p.out), columns)
		}
		for i := range p.out {
			p.out[i].Name = columns[i]
		}
	case len(p.out) == 1:
		p.out[0].Name = p.bareName(p.out[0].Unit)
	default:
		for i := range p.out {
			p.out[i].Name = p.number(i)
		}
	}
	return nil
}

// bareName returns the name of a line that is only a number: value, and value_2 and so
// on for each other unit. A number without a unit has a name of its own too.
func (p *Parser) bareName(unit string) string {
	unit = cmp.Or(canonical(unit), "none")
	for i, known := range p.bare {
		if known == unit {
			return p.bareNames(i)
		}
	}
	if len(p.bare) < maxNames {
		p.bare = append(p.bare, unit)
	}
	return p.bareNames(len(p.bare) - 1)
}

func (p *Parser) bareNames(i int) string {
	if i == 0 {
		return "value"
	}
	return p.number(i)
}

// number returns the name of the bare number with index i.
func (p *Parser) number(i int) string {
	for len(p.numbered) <= i {
		p.numbered = append(p.numbered, "value_"+strconv.Itoa(len(p.numbered)+1))
	}
	return p.numbered[i]
}

func columnsError(n int, columns []string) error {
	return fmt.Errorf("%s for %s (%s)", count(n, "value"), count(len(columns), "column"), strings.Join(columns, ", "))
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
