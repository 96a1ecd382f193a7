package lineformat

import "strings"

const longestTag = 24 // bytes of a text between numbers

// readMixed reads a line of numbers with a text, a date or a time of day among them, and
// reports whether it is one. Only the numbers and states are readings; the texts count
// for the places, and for a header.
//
//	12345,A0,512,1650,1.650
//	2026-11-30,12:30:05,23.5,48
func (p *Parser) readMixed(text string) bool {
	separator := separatorOf(text)
	if separator == "" || text[0] == '$' || text[0] == '!' || text[0] == '+' {
		return false // NMEA, or the answer of a modem
	}
	text = strings.TrimSuffix(strings.TrimRight(text, " "), separator)
	numbers, tags := countFields(text, separator)
	if numbers < 2 || tags == 0 || tags > numbers {
		return false
	}
	names := p.columns
	if names == nil && p.readNamed(text, separator) {
		return true
	}
	if names == nil {
		names = p.headerFor(numbers+tags, separator)
	}
	if names != nil && len(names) != numbers+tags {
		return false
	}
	for i := 0; i < numbers+tags; i++ {
		field, rest, _ := strings.Cut(text, separator)
		field, text = trim(field), rest
		if names != nil && field != "" {
			value, unit := splitUnit(names[i], field)
			p.append(names[i], value, unit)
		} else if value, unit, n := quantityAt(field); n > 0 && n == len(field) {
			p.append(p.number(i), value, unit)
		} else if n := stateAt(field); n > 0 && n == len(field) {
			p.append(p.number(i), field, "")
		}
	}
	return true
}

// beginsStamp reports whether a line begins with a date or a time of day.
func beginsStamp(text string) bool {
	if !isDigit(text[0]) {
		return false
	}
	word := text[:wordEnd(text)]
	return strings.IndexByte(word, ':') > 0 || isDate(word)
}

// readNamed reads fields that are names and numbers in turn.
//
//	temperature,23.5,humidity,40
func (p *Parser) readNamed(text, separator string) bool {
	before := len(p.out)
	for text != "" {
		name, value := "", ""
		name, text, _ = strings.Cut(text, separator)
		value, text, _ = strings.Cut(text, separator)
		name, value = p.names.of(trim(name)), trim(value)
		number, unit, n := quantityOf(name, value)
		if n == 0 || n < len(value) || !namesColumn(name) || notNames[name] {
			p.takeBack(before)
			return false
		}
		p.add(name, number, unit)
	}
	return true
}

// countFields counts the fields that are a number, and those that may be a text between
// numbers. tags is more than numbers if one is neither.
func countFields(text, separator string) (numbers, tags int) {
	for field := range strings.SplitSeq(text, separator) {
		field = trim(field)
		_, _, n := quantityAt(field)
		switch {
		case n > 0 && n == len(field):
			numbers++
		case isTag(field):
			tags++
		default:
			return 0, 1
		}
	}
	return numbers, tags
}

// isTag reports whether a field may be a text between numbers: one or two words, a date
// or a time.
func isTag(field string) bool {
	return field != "" && len(field) <= longestTag && strings.Count(field, " ") < 2 &&
		!strings.ContainsAny(field, "=?!{}[]()\"") && (strings.IndexByte(field, ':') < 0 || isTime(field) || strings.Count(field, ":") > 1)
}
