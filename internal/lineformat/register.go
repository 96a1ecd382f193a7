package lineformat

import "strings"

// readRegister reads a register of an electricity, gas or heat meter, as in a P1
// telegram, and reports whether it is one with a unit. Its name is its OBIS code.
//
//	1-0:1.8.1(001234.567*kWh)    0-1:24.2.1(261130120000W)(00123.456*m3)    1.8.0(001234.567*kWh)
func (p *Parser) readRegister(text string) bool {
	code, rest, ok := strings.Cut(text, "(")
	if !ok || !isCode(code) {
		return false
	}
	for group := range strings.SplitSeq(strings.TrimSuffix(rest, ")"), ")(") {
		number, word, _ := strings.Cut(group, "*")
		if unit := unitOf(word); isNumber(number) && unit != "" {
			p.put(p.names.of(code), number, unit)
			return true
		}
	}
	return false
}

// isCode reports whether a word is an OBIS code: 1-0:1.8.1, 32.7.0, C.7.0.
func isCode(word string) bool {
	for i := range len(word) {
		if !isDigit(word[i]) && strings.IndexByte("-:.*CFLP", word[i]) < 0 {
			return false
		}
	}
	return strings.IndexByte(word, '.') > 0
}
