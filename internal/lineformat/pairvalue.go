package lineformat

import (
	"fmt"
	"strings"
)

// announces are the words before pairs that say nothing about them: Received: T=23.5
var announces = map[string]bool{
	"received": true, "recv": true, "rx": true, "got": true, "data": true, "payload": true, "message": true, "msg": true, "packet": true,
	"info": true, "debug": true, "log": true, "echo": true, "trace": true, "values": true, "readings": true, "results": true,
	"datos": true, "dados": true, "daten": true, "dati": true, "recibido": true, "recebido": true, "empfangen": true,
}

// readValue reads what follows the sign of a pair, and returns its length up to the next
// name. before is the name with its sign. The value counts only if it is certain where it
// ends. A name of "" takes none.
func (p *Parser) readValue(name, before, s string) (n int, err error) {
	if value, unit, n := quantityOf(name, s); n > 0 && n == len(s) {
		p.put(name, value, unit)
		return n, nil
	}
	colon := before[len(before)-1] == ':'
	if s != "" && s[0] == '{' {
		p.leaveAfter("value", before, s)
		return len(s), nil
	}
	if isBytes(s) {
		return 0, fmt.Errorf("after %s: bytes in hex, not a reading: %s", quote(before), quote(s))
	}
	if n := p.runLength(name, s); n > 0 {
		if _, _, first := quantityOf(name, s); !colon && n > skipSpaces(s, first) {
			return p.addText(name, s), nil // ROM = 28 10 64 15 are bytes
		}
		return p.readNumber(name, before, s, n), nil
	}
	if n := p.readLoose(name, s); n > 0 {
		return n, nil
	}
	if inner := signIn(s); inner > 0 && p.isTitle(s, inner, colon) {
		if !p.log && !announces[name] {
			p.title, p.axis = p.join(p.title, name), ""
		}
		p.log = false
		return 0, nil
	}
	if colon && (p.log || announces[name]) && pairSign(s, 0) > 0 {
		p.log = false
		return 0, nil
	}
	if !colon {
		return p.addText(name, s), nil
	}
	if n := stateAt(s); n > 0 {
		rest := trimLeft(s[n:])
		if next := pairSign(rest, 0); rest == "" || next >= 0 {
			p.put(name, s[:n], "")
			return len(s) - len(rest), nil
		}
	}
	return p.skipValue(before, s), nil
}

// readNumber adds the numbers of length n at the beginning of s, if what follows them
// leaves no doubt.
func (p *Parser) readNumber(name, before, s string, n int) int {
	tail := s[n:]
	remark, certain := remarkIn(tail, pairSign(tail, 0))
	switch {
	case certain:
		p.addRun(name, s[:n])
		if rest := trim(tail[:remark]); !p.addOther(name, rest) && !isSymbol(rest) {
			p.leaveAfter("value", before, rest)
		}
		return n + remark
	case before[len(before)-1] == '=':
		return p.addText(name, s)
	}
	return p.skipValue(before, s)
}

// addOther adds the value that a remark repeats in another unit, and reports whether it
// does.
//
//	Pressure: 101325.00 Pa (1013.25 hPa)    Distance: 34 cm / 13 in    Soil: 512 (45%)
func (p *Parser) addOther(name, remark string) bool {
	inner := strings.TrimPrefix(remark, "/")
	if strings.HasPrefix(remark, "(") {
		inner = strings.TrimSuffix(remark[1:], ")")
	}
	inner = trim(inner)
	value, unit, n := quantityOf(name, inner)
	if name == "" || n == 0 || n < len(inner) || unit == "" || len(inner) == len(remark) || canonical(unit) == canonical(p.out[len(p.out)-1].Unit) {
		return false
	}
	p.put(name, value, unit)
	return true
}

// readLoose reads a number that does not stand directly behind the sign. It returns 0 if
// there is none.
//
//   - 29.182 g    "23.5"    Sending state 23.50000 °C with 1 decimals of accuracy
func (p *Parser) readLoose(name, s string) int {
	if s == "" {
		return 0
	}
	if s[0] == '"' || s[0] == '\'' {
		end := strings.IndexByte(s[1:], s[0]) + 1
		if value, unit, n := quantityOf(name, s[1:max(end, 1)]); end > 1 && n == end-1 {
			p.put(name, value, unit)
			return skipSpaces(s, end+1)
		}
		return 0
	}
	if state, ok := strings.CutPrefix(s, "Sending state "); ok {
		if value, unit, n := quantityOf(name, state); n > 0 {
			p.put(name, value, unit)
			return len(s)
		}
		if n := stateAt(state); n > 0 && n == len(state) {
			p.put(name, state, "")
			return len(s)
		}
	}
	if n := gluedAt(s); n > 0 {
		p.put(name, strings.TrimSuffix(s[:n], ":"), "")
		return n
	}
	value, unit, n := apart(name, s)
	if n == 0 || n < len(s) && pairSign(s[n:], 0) < 0 {
		return 0
	}
	p.put(name, value, unit)
	return skipSpaces(s, n)
}

// gluedAt returns the length of a number that the next name follows without a space, as
// after a print without a newline, 0 if there is none.
//
//	1.01Flow: 1.30    17:Pres:101325.00
func gluedAt(s string) int {
	n := numberAt(s)
	if n == 0 || n == len(s) {
		return 0
	}
	name := strings.TrimPrefix(s[n:], ":")
	sign := signIn(name)
	if sign < 3 || !isLetter(name[0]) || hexDigits(name[:sign]) == sign || strings.IndexByte(name[:sign], ' ') >= 0 || !beginsValue(name, sign) {
		return 0
	}
	return len(s) - len(name)
}

// apart reads a number whose sign stands apart from it. The value is not a part of the
// line.
func apart(name, s string) (value, unit string, n int) {
	if len(s) < 3 || s[0] != '-' || s[1] != ' ' {
		return "", "", 0
	}
	at := skipSpaces(s, 1)
	if value, unit, n = quantityOf(name, s[at:]); n == 0 || !isDigit(value[0]) {
		return "", "", 0
	}
	return "-" + value, unit, at + n
}

// isTitle reports whether what follows a sign is another pair, so that the name before
// it is a title of what comes:
//
//	Accel:  X=0.12 Y=-0.05 Z=9.78    M kegboard: flow_0=12    DHT: temp=5
//
// In "Mode: RUNNING Temp: 23.5" it is not.
func (p *Parser) isTitle(s string, inner int, colon bool) bool {
	name := strings.TrimRight(s[:inner], " ")
	return colon && (s[inner] == '=' || strings.IndexByte(name, ' ') < 0) && !strings.HasPrefix(s[inner:], "://") &&
		namesColumn(name) && (s[inner] == '=' && !operatorAt(s, inner) || beginsValue(s, inner))
}

// skipValue leaves a value that is not understood, and returns its length up to the name
// of the next pair: one word after words, all words after anything else.
//
//	Time: 12:30:05 Air temp: 20    Mode: RUNNING Temp: 23.5    You sent: 'a'  ASCII Value: 97
func (p *Parser) skipValue(before, s string) int {
	p.last = ""
	next := pairSign(s, 1)
	if next < 0 {
		p.leaveAfter("value", before, s)
		return len(s)
	}
	end := lastWord(strings.TrimRight(s[:next], " "))
	if first := tokenEnd(s); first < end && strings.ContainsAny(s[:first], "0123456789'\"") {
		end = skipSpaces(s, first)
	} else if blanks := strings.LastIndex(s[:end], "  "); blanks >= 0 {
		end = blanks + 2
	}
	p.leaveAfter("value", before, s[:end])
	return end
}

// put adds a reading, unless it has no name, and makes its name the last one.
func (p *Parser) put(name, value, unit string) {
	if p.last = name; name != "" {
		p.add(name, value, unit)
	}
}

// addRun adds the numbers at the beginning of s.
func (p *Parser) addRun(name, s string) {
	for s != "" {
		value, unit, n := quantityOf(name, s)
		if n == 0 {
			return
		}
		p.put(name, value, unit)
		s = trimLeft(s[n:])
	}
}

// runLength returns the length of the numbers at the beginning of s, with the spaces
// after them.
func (p *Parser) runLength(name, s string) int {
	at := 0
	for at < len(s) {
		_, _, n := quantityOf(name, s[at:])
		if n == 0 {
			break
		}
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

// addText adds whatever follows an equals sign and returns its length, up to the next
// name, which is a single word. An empty text is not a reading.
//
//	mode=auto run t=3
//	Protocol=NEC Address=0x102 Raw-Data=0xCB340102 32 bits LSB first
//	t=12:30:05
func (p *Parser) addText(name, s string) int {
	end := len(s)
	if next := pairSign(s, 1); next >= 0 {
		end = lastWord(strings.TrimRight(s[:next], " "))
	}
	p.last = ""
	if text := strings.TrimRight(s[:end], " "); text != "" && name != "" {
		value, unit := splitUnit(name, text)
		p.put(name, value, unit)
	}
	return end
}

// pairSign returns the index of the first sign of a pair whose name begins at first or
// later, -1 if there is none. Of a text that may hold signs, only one counts that has a
// name of its own before it and a value behind it: in "12:30 b=http://host c:5" the
// colons of 12:30 and http: do not.
func pairSign(s string, first int) int {
	for i := range len(s) {
		if s[i] != '=' && s[i] != ':' || !beginsValue(s, i) {
			continue
		}
		before := strings.TrimRight(s[:i], " ")
		word := lastWord(before)
		if word >= first && word < len(before) && strings.IndexByte(before[word:], ':') < 0 {
			return i
		}
	}
	return -1
}

// beginsValue reports whether the "=" or ":" at i is the sign of a pair.
func beginsValue(s string, i int) bool {
	if s[i] == '=' {
		return !operatorAt(s, i)
	}
	rest := trimLeft(s[i+1:])
	_, _, n := quantityAt(rest)
	return (n > 0 || stateAt(rest) > 0) && !isClock(s, i)
}
