package lineformat

import (
	"errors"
	"fmt"
	"strings"
)

// readPairs reads names and values:
//
//	temperature=23.5,humidity=40
//	temperature: 23.5 humidity: 40
//	sensor = 511\t output = 127
//	AcX = -124 | AcY = 16388
//	Humidity: 40.00%  Temperature: 23.50°C 74.30°F  Heat index: 23.10°C 73.58°F
//
// Commas, semicolons, tabs and bars always separate pairs; between them spaces
// may. More numbers after a number belong to the same name.
func (p *Parser) readPairs(text string) error {
	if hasLabels(text) {
		return p.readLabels(text)
	}
	text = p.cutTitle(text)
	last := "" // the name that further numbers belong to
	for text != "" {
		end := pairsEnd(text)
		part := trim(text[:end])
		text = text[min(end+1, len(text)):]
		if part == "" {
			continue
		}
		var err error
		if signIn(part) < 0 {
			err = p.readMore(last, part)
		} else {
			last, err = p.readPart(part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// cutTitle removes a title from the front, and puts it before each name:
//
//	raw sensor Values \t red: 511\t green: 204\t Blue: 1023
func (p *Parser) cutTitle(text string) (rest string) {
	title, rest, ok := strings.Cut(text, "\t")
	if !ok || signIn(title) >= 0 || !namesColumn(title) {
		return text
	}
	p.title = p.names.of(title)
	return rest
}

// titled returns the name of a pair, after the title of its line if there is
// one.
func (p *Parser) titled(raw string) string {
	name := p.names.of(raw)
	if name == "" || p.title == "" {
		return name
	}
	p.scratch = append(append(append(p.scratch[:0], p.title...), '_'), name...)
	return p.names.ofBytes(p.scratch)
}

// pairsEnd returns the length of the first part of s. A tab between a sign and
// its value does not end it:
//
//	Temperature:\t23.5\tHumidity:\t40
func pairsEnd(s string) int {
	end := partEnd(s)
	if end == len(s) || s[end] != '\t' {
		return end
	}
	name := strings.TrimRight(s[:end], " ")
	if name == "" || name[len(name)-1] != ':' && name[len(name)-1] != '=' {
		return end
	}
	value := trimLeft(s[end:])
	next := partEnd(value)
	if _, _, n := quantityAt(value); n == 0 && signIn(value[:next]) >= 0 {
		return end // a=\tb=5
	}
	return len(s) - len(value) + next
}

func partEnd(s string) int {
	for i := range len(s) {
		if s[i] != ' ' && isBreak(s[i]) {
			return i
		}
	}
	return len(s)
}

// signIn returns the index of the first "=" or ":", -1 if there is none.
func signIn(s string) int {
	for i := range len(s) {
		if s[i] == '=' || s[i] == ':' {
			return i
		}
	}
	return -1
}

// readMore reads a part without a name, such as the second of "RGB: 12, 34, 56".
// name is that of the value before.
func (p *Parser) readMore(name, part string) error {
	if name != "" && isNumber(p.out[len(p.out)-1].Value) && p.addRun(name, part) == len(part) {
		return nil
	}
	return fmt.Errorf("%s has no name", quote(part))
}

// addRun adds the numbers at the beginning of s and returns their length.
func (p *Parser) addRun(name, s string) int {
	at := 0
	for at < len(s) {
		value, unit, n := quantityAt(s[at:])
		if n == 0 {
			break
		}
		p.add(name, value, unit)
		at = skipSpaces(s, at+n)
	}
	return at
}

func skipSpaces(s string, at int) int {
	for at < len(s) && s[at] == ' ' {
		at++
	}
	return at
}

// readPart reads pairs that are separated only by spaces. It returns the name of
// the last one, "" if that has no value.
func (p *Parser) readPart(part string) (last string, err error) {
	for part != "" {
		sign := signIn(part)
		name, err := p.pairName(part, sign)
		if err != nil {
			return "", err
		}
		rest := trimLeft(part[sign+1:])
		before := len(p.out)
		var next int
		if part[sign] == ':' {
			next, err = p.addNumbers(name, rest)
		} else {
			next, err = p.addText(name, rest)
		}
		if err != nil {
			return "", fmt.Errorf("after %s: %w", quote(part[:sign+1]), err)
		}
		last = ""
		if len(p.out) > before {
			last = name
		}
		part = rest[next:]
	}
	return last, nil
}

// pairName returns the name before the sign.
func (p *Parser) pairName(part string, sign int) (string, error) {
	raw := strings.TrimRight(part[:sign], " ")
	if isClock(part, sign) {
		return "", fmt.Errorf("%s looks like a time of day, not a name and a number", quote(part))
	}
	if n := numberBeforeName(raw); n > 0 {
		return "", fmt.Errorf("%s has no name", quote(raw[:n])) // 23.5 humidity: 40
	}
	if operatorAt(part, sign) {
		return "", fmt.Errorf("%s is not a pair", quote(part)) // x == 5, a => 3, a != b
	}
	name := p.titled(raw)
	if name == "" {
		return "", fmt.Errorf("no name before %s", quote(part[sign:]))
	}
	return name, nil
}

// numberBeforeName returns the length of the number if s begins with one and
// other words follow, else 0.
func numberBeforeName(s string) int {
	if s == "" || s[0] > '9' {
		return 0
	}
	if n := numberAt(s); n < len(s) && s[n] == ' ' {
		return n
	}
	return 0
}

// operatorAt reports whether the "=" at i is part of ==, =>, =!, <=, >= or !=.
func operatorAt(s string, i int) bool {
	return s[i] == '=' && (i+1 < len(s) && strings.IndexByte("=>!", s[i+1]) >= 0 ||
		i > 0 && strings.IndexByte("<>!", s[i-1]) >= 0)
}

// isClock reports whether the colon at i is between two digits, as in 12:30, and
// not after a name, as in x1:30.
func isClock(s string, i int) bool {
	if s[i] != ':' || i+1 == len(s) || !isDigit(s[i+1]) {
		return false
	}
	word := s[lastWord(s[:i]):i]
	return word != "" && digits(word) == len(word)
}

// lastWord returns the index of the last word of s.
func lastWord(s string) int { return strings.LastIndexByte(s, ' ') + 1 }

// addNumbers adds the values after a colon and returns their length, up to the
// next name. All must be understood, since boot banners have colons too:
//
//	ets Jan  8 2013,rst cause:2, boot mode:(3,6)
//	rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)
//	Time: 12:30:05
func (p *Parser) addNumbers(name, s string) (int, error) {
	values := s
	next := signIn(s)
	if next >= 0 {
		name := strings.TrimRight(s[:next], " ")
		values = s[:lastWord(name)] // the next sign needs a name: "C: 23 F: 73"
	}
	n := 0
	if on := switchAt(values); on > 0 {
		p.add(name, values[:on], "")
		n = skipSpaces(values, on)
	} else {
		n = p.addRun(name, values)
	}
	if n == 0 || next < 0 && n < len(s) {
		return 0, valueError(s[n:])
	}
	return n, nil
}

func valueError(s string) error {
	if s == "" {
		return errors.New("no value")
	}
	return fmt.Errorf("%s is not a number, on, off, true or false", quote(s))
}
