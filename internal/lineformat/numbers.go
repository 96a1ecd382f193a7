package lineformat

import (
	"fmt"
	"strconv"
	"strings"
)

// readNumbers reads a line of nothing but numbers:
//
//	511
//	511,204,1023
//	409\t337\t337
//	23.5 °C; 40 %
func (p *Parser) readNumbers(text string) error {
	rest := trim(text)
	if rest == "" {
		return nil
	}
	for rest != "" {
		value, unit, n := quantityAt(rest)
		if n == 0 {
			return p.noNumber(rest)
		}
		p.append("", value, unit)
		rest = trimLeft(rest[n:])
		if rest != "" && isBreak(rest[0]) {
			rest = trimLeft(rest[1:])
		}
	}
	return p.nameNumbers(text)
}

func (p *Parser) noNumber(rest string) error {
	if isBreak(rest[0]) {
		return fmt.Errorf("value %d is missing", len(p.out)+1)
	}
	return fmt.Errorf("value %d is %s, which is no number", len(p.out)+1, quote(rest[:wordEnd(rest)]))
}

func (p *Parser) nameNumbers(text string) error {
	columns := p.columns
	if columns == nil {
		columns = p.learn(text)
	}
	switch {
	case columns != nil:
		if len(p.out) != len(columns) {
			return miscounted(len(p.out), columns)
		}
		for i := range p.out {
			p.out[i].Name = columns[i]
		}
	case len(p.out) == 1:
		p.out[0].Name = "value"
	default:
		for i := range p.out {
			p.out[i].Name = p.number(i)
		}
	}
	return nil
}

// number is the name of the bare number with index i.
func (p *Parser) number(i int) string {
	for len(p.numbered) <= i {
		p.numbered = append(p.numbered, "value_"+strconv.Itoa(len(p.numbered)+1))
	}
	return p.numbered[i]
}

func miscounted(n int, columns []string) error {
	return fmt.Errorf("%s for %s (%s)", count(n, "value"), count(len(columns), "column"), strings.Join(columns, ", "))
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}
