package lineformat

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// counters are the words before a number that counts lines, not things: the number
// changes with each line and is no part of a name.
var counters = map[string]bool{
	"measurement": true, "reading": true, "medida": true, "lectura": true, "leitura": true, "messung": true, "mesure": true, "misura": true,
	"lettura": true, "medicion": true, "medición": true, "medicao": true, "medição": true, "pengukuran": true, "olcum": true, "ölçüm": true, "измерение": true,
	"packet": true, "pkt": true, "paket": true, "paquete": true, "pacote": true, "paquet": true, "pacchetto": true,
	"message": true, "msg": true, "mensaje": true, "mensagem": true, "nachricht": true, "frame": true, "trame": true, "trama": true,
	"sample": true, "muestra": true, "amostra": true, "iteration": true, "iter": true, "loop": true, "cycle": true,
	"seq": true, "sequence": true, "tick": true, "attempt": true,
}

// pairName returns the name before a sign, "" if there is none that can be one. Data is
// no part of a name:
//
//	Packet 17 RSSI: -67                       rssi after a counter
//	26Y 11M 30D 12H 30M 5S (24h) T=23.50      t after the time
//	1699999999: 23.5    3fff0c20: 00000000    no name
//	relay OFF (ADC = 512)    blynk.cloud:80   no name
func (p *Parser) pairName(raw string) string {
	if plain(raw) {
		return p.titled(raw)
	}
	raw = cutCounter(cutNumbers(raw))
	if strings.ContainsAny(raw, "@\\") || isAddress(raw) || longNumber(raw) || isHost(raw[lastWord(raw):]) || strings.LastIndexByte(raw, '(') > strings.LastIndexByte(raw, ')') {
		return ""
	}
	return p.titled(raw)
}

// plain reports whether a name needs no second look: it has no digit and none of the
// characters that names do not have.
func plain(raw string) bool {
	for i := range len(raw) {
		switch c := raw[i]; c {
		case '@', '\\', '^', '#', ':', '.', '(':
			return false
		default:
			if isDigit(c) {
				return false
			}
		}
	}
	return true
}

// cutNumbers removes two or more words from the front that begin with a digit.
func cutNumbers(raw string) string {
	rest, words := raw, 0
	for {
		word := strings.TrimLeft(rest, "( ")
		if word == "" || !isDigit(word[0]) {
			break
		}
		end := strings.IndexByte(word, ' ')
		if end < 0 {
			return raw
		}
		rest = trimLeft(word[end:])
		words++
	}
	if words < 2 {
		return raw
	}
	return rest
}

// cutCounter removes the words "packet 17", "packet #17" or "#17" from the front.
func cutCounter(raw string) string {
	end := tokenEnd(raw)
	if len(raw) > 1 && raw[0] == '#' && digits(raw[1:end]) == end-1 {
		return strings.TrimLeft(raw[end:], "- ")
	}
	if !counters[strings.ToLower(raw[:end])] {
		return raw
	}
	next := skipSpaces(raw, end)
	after := next + tokenEnd(raw[next:])
	number := strings.TrimPrefix(raw[next:after], "#")
	if number == "" || digits(number) < len(number) {
		return raw
	}
	if rest := strings.TrimLeft(raw[after:], "- "); rest != "" {
		return rest
	}
	return raw[:end]
}

func tokenEnd(s string) int {
	if n := strings.IndexByte(s, ' '); n >= 0 {
		return n
	}
	return len(s)
}

// isAddress reports whether a name is a number of three digits or more, or with a
// fraction, or eight digits of a hex address.
func isAddress(raw string) bool {
	raw = trim(raw)
	return len(raw) >= 3 && isNumber(raw) && isDigit(raw[0]) || len(raw) >= 8 && hexDigits(raw) == len(raw)
}

// isHost reports whether a word is a host: blynk.cloud, 192.168.1.5.
func isHost(word string) bool {
	if strings.Count(word, ".") == 3 && !hasLetter(word) {
		return true
	}
	for i := 1; i+1 < len(word); i++ {
		if word[i] == '.' && isLetter(word[i-1]) && isLetter(word[i+1]) {
			return true
		}
	}
	return false
}

// longNumber reports whether a word of a name is a number of four digits or more, which
// is rather a time or a counter. In (0-1023) it is part of a word.
func longNumber(raw string) bool {
	for word := range strings.FieldsSeq(raw) {
		if len(word) >= 4 && digits(word) == len(word) {
			return true
		}
	}
	return false
}

func hexDigits(s string) int {
	n := 0
	for n < len(s) && (isDigit(s[n]) || s[n]|0x20-'a' < 6) {
		n++
	}
	return n
}

// titled returns the name of a pair, after the title of its line if there is one. A
// name of one letter takes the words before the letter of an earlier one:
//
//	Acceleration X: 0.12, Y: -0.05, Z: 9.78
func (p *Parser) titled(raw string) string {
	name := p.names.of(raw)
	if name == "" {
		return ""
	}
	title := p.title
	if oneLetter(name) {
		title = p.join(title, axisOf(p.axis))
	} else {
		p.axis = name
	}
	return p.join(title, name)
}

// join puts a title before a name.
func (p *Parser) join(title, name string) string {
	switch {
	case title == "":
		return name
	case name == "":
		return title
	}
	p.scratch = append(append(append(p.scratch[:0], title...), '_'), name...)
	return p.names.ofBytes(p.scratch)
}

func oneLetter(name string) bool {
	if len(name) > utf8.UTFMax {
		return false
	}
	r, n := utf8.DecodeRuneInString(name)
	return n == len(name) && unicode.IsLetter(r)
}

// axisOf returns the name without its last word if that is one letter, else "".
func axisOf(name string) string {
	cut := strings.LastIndexByte(name, '_')
	if cut <= 0 || !oneLetter(name[cut+1:]) {
		return ""
	}
	return name[:cut]
}
