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
// Commas, semicolons, tabs and bars always separate pairs; between them spaces may. More
// numbers after a number belong to the same name. What is not understood is left, unless
// it shows that nothing on the line is a reading.
func (p *Parser) readPairs(text string) error {
	if hasLabels(text) {
		return p.readLabels(text)
	}
	if p.readNameList(text) {
		return nil
	}
	text = p.cutTitle(text)
	for text != "" {
		end := pairsEnd(text)
		part := trim(text[:end])
		text = text[min(end+1, len(text)):]
		var err error
		switch {
		case part == "":
		case signIn(part) < 0:
			p.readMore(part)
		case isLetter(part[0]):
			err = p.readPart(part)
		default:
			err = p.readPart(cutItem(p.readListed(part)))
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
	if !ok || signIn(title) >= 0 || !namesColumn(title) || signIn(rest) < 0 {
		return text
	}
	p.title = p.names.of(title)
	return rest
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

// readMore reads a part without a name, such as the second of "RGB: 12, 34, 56", which
// belongs to the name before it, or of "Temp: 23.5, Heading 87.5", which has its own.
func (p *Parser) readMore(part string) {
	numbers := strings.TrimRight(strings.TrimPrefix(part, "and "), ".")
	if p.last != "" && isNumber(p.out[len(p.out)-1].Value) && p.runLength(p.last, numbers) == len(numbers) {
		p.addRun(p.last, numbers)
		return
	}
	if !p.readWords(part, true) {
		p.leave("", part)
	}
}

// readListed adds the number at the beginning of a part to those of the name before it,
// if it is written like them, and returns the rest.
//
//	Location: 48.117300,11.516670  Age: 205
func (p *Parser) readListed(part string) (rest string) {
	n := numberAt(part)
	if n == 0 || n == len(part) || part[n] != ' ' || p.last == "" || decimals(part[:n]) != decimals(p.out[len(p.out)-1].Value) {
		return part
	}
	rest = trimLeft(part[n:])
	if _, unit := unitAt(rest); unit > 0 || !isLetter(rest[0]) {
		return part // Temp: 23, 10 cm depth: 22
	}
	p.put(p.last, part[:n], "")
	return rest
}

// decimals returns the count of digits behind the point of a number, -1 for other texts.
func decimals(number string) int {
	whole := digits(strings.TrimLeft(number, "+-"))
	switch rest := strings.TrimLeft(number, "+-")[whole:]; {
	case rest == "" && whole > 0:
		return 0
	case rest != "" && rest[0] == '.' && digits(rest[1:]) == len(rest)-1:
		return len(rest) - 1
	}
	return -1
}

// cutItem removes the number of an item in a list: 1. Temperature: 23.5
func cutItem(part string) string {
	n := digits(part)
	if n == 0 || n > 2 || n+2 >= len(part) || part[n] != '.' && part[n] != ')' || part[n+1] != ' ' || !isLetter(part[n+2]) {
		return part
	}
	return part[n+2:]
}

// readPart reads pairs that are separated only by spaces.
func (p *Parser) readPart(part string) error {
	for part != "" {
		sign := signIn(part)
		switch {
		case sign < 0:
			p.leave("", part)
			return nil
		case operatorAt(part, sign):
			p.leave("not a pair", part) // x == 5, a => 3, a != b
			return nil
		case isClock(part, sign):
			p.leave("time", part)
			return nil
		case strings.HasPrefix(part[sign:], "://"):
			end := sign + tokenEnd(part[sign:])
			p.leave("", part[:end])
			part = trimLeft(part[end:])
			continue
		}
		raw := trim(part[:sign])
		if n := numberBeforeName(raw); n > 0 {
			p.leave("", raw[:n]) // 23.5 humidity: 40
			return nil
		}
		name := p.pairName(raw)
		if name == "" {
			p.leave("no name", part)
		}
		rest := trimLeft(part[sign+1:])
		n, err := p.readValue(name, part[:sign+1], rest)
		if err != nil {
			return err
		}
		part = rest[n:]
	}
	return nil
}

// numberBeforeName returns the length of the number if s begins with one and
// other words follow, else 0.
func numberBeforeName(s string) int {
	if s == "" || s[0] > '9' {
		return 0
	}
	if n := numberAt(s); n < len(s) && s[n] == ' ' && cutNumbers(s) == s {
		return n
	}
	return 0
}

// operatorAt reports whether the "=" at i is part of ==, =>, =!, <=, >= or !=.
func operatorAt(s string, i int) bool {
	if s[i] != '=' {
		return false
	}
	if i+1 < len(s) && (s[i+1] == '=' || s[i+1] == '>' || s[i+1] == '!') {
		return true
	}
	return i > 0 && (s[i-1] == '<' || s[i-1] == '>' || s[i-1] == '!')
}

// isClock reports whether the colon at i is between the numbers of a time, as in 12:30,
// and not after a name, as in x1:30, nor before a longer number or a fraction, as in
// 0:512 and 1:23.5.
func isClock(s string, i int) bool {
	if s[i] != ':' || i+1 == len(s) || !isDigit(s[i+1]) {
		return false
	}
	word := s[lastWord(s[:i]):i]
	if word == "" || digits(word) < len(word) {
		return false
	}
	minutes := digits(s[i+1:])
	return minutes <= 2 && (i+1+minutes == len(s) || s[i+1+minutes] != '.')
}

// lastWord returns the index of the last word of s.
func lastWord(s string) int { return strings.LastIndexByte(s, ' ') + 1 }

// leftover is the first part of a line that was not understood.
type leftover struct {
	what  string // not a pair, time, no name, value, or ""
	after string // what stands before it, up to the sign
	text  string
}

func (p *Parser) leave(what, text string) { p.leaveAfter(what, "", text) }

func (p *Parser) leaveAfter(what, after, text string) {
	if p.left == (leftover{}) {
		p.left = leftover{what, after, trim(text)}
	}
}

// err says in a user's words why the line has no reading.
func (l leftover) err() error {
	switch l.what {
	case "not a pair":
		return fmt.Errorf("%s is not a pair", quote(l.text))
	case "time":
		return fmt.Errorf("%s looks like a time of day, not a name and a number", quote(l.text))
	case "no name":
		return fmt.Errorf("no name before %s", quote(l.text))
	case "value":
		if l.text == "" {
			return fmt.Errorf("after %s: no value", quote(l.after))
		}
		return fmt.Errorf("after %s: %s is not a number, on, off, true or false", quote(l.after), quote(l.text))
	case "":
		if l.text != "" {
			return fmt.Errorf("%s has no name", quote(l.text))
		}
	}
	return errors.New("no value on the line")
}
