package lineformat

import "strings"

// addText adds whatever follows an equals sign and returns its length, up to the
// next name. An empty text is not a reading.
//
//	mode=auto run t=3
//	Protocol=NEC Address=0x102 Raw-Data=0xCB340102 32 bits LSB first
//	t=12:30:05
func (p *Parser) addText(name, s string) (int, error) {
	end, next, err := textEnd(s)
	if err != nil {
		return 0, err
	}
	if text := strings.TrimRight(s[:end], " "); text != "" {
		value, unit := splitUnit(text)
		p.add(name, value, unit)
	}
	return next, nil
}

// textEnd returns where the text at the beginning of s ends, and where the next
// name begins. After numbers that name may have several words, after text one.
func textEnd(s string) (end, next int, err error) {
	for i := range len(s) {
		if s[i] != '=' && s[i] != ':' || !beginsValue(s, i) {
			continue
		}
		before := strings.TrimRight(s[:i], " ")
		word := lastWord(before)
		if word == 0 { // a=b=c: the sign is part of the text
			continue
		}
		if n := runEnd(s[:word]); n > 0 {
			return n, n, nil
		}
		return word, word, nil
	}
	return len(s), len(s), nil
}

// beginsValue reports whether the "=" or ":" at i is the sign of a pair, not
// part of a text: in "a=12:30 b=http://host c:5" the colons of 12:30 and http:
// are not.
func beginsValue(s string, i int) bool {
	if s[i] == '=' {
		return !operatorAt(s, i)
	}
	rest := trimLeft(s[i+1:])
	_, _, n := quantityAt(rest)
	return (n > 0 || switchAt(rest) > 0) && !isClock(s, i)
}

// runEnd returns the length of the numbers at the beginning of s, with the
// spaces after them.
func runEnd(s string) int {
	at := 0
	for at < len(s) {
		_, _, n := quantityAt(s[at:])
		if n == 0 {
			break
		}
		at = skipSpaces(s, at+n)
	}
	return at
}
