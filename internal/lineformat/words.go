package lineformat

import "strings"

// notNames are words after which a number is no reading: of prose and of versions.
var notNames = map[string]bool{
	"port": true, "on": true, "at": true, "in": true, "to": true, "of": true, "for": true, "after": true, "every": true, "took": true,
	"version": true, "ver": true, "v": true, "rev": true, "revision": true, "release": true, "firmware": true, "fw": true, "build": true, "sdk": true,
	"lib": true, "library": true, "protocol": true, "arduino": true, "step": true, "waiting": true, "wait": true, "delay": true, "sleep": true,
	"sleeping": true, "timeout": true, "retry": true, "retrying": true, "attempt": true, "try": true, "line": true, "error": true, "code": true,
	"pin": true, "channel": true, "node": true, "test": true, "found": true, "contains": true, "with": true, "connecting": true, "baud": true,
	"address": true, "device": true, "id": true, "no": true, "number": true, "and": true, "or": true, "date": true, "time": true, "since": true,
}

// measures are names that count wherever they stand before a number: "with RSSI -45".
var measures = map[string]bool{"rssi": true, "snr": true}

// readWords reads names and numbers with only spaces, dashes or breaks between them, and
// reports whether there were any. Since prose looks the same, a number counts only if it
// is the whole of a part of the line, and has a fraction or a unit, or stands in a list
// of such parts. only: the text is one part of a line of pairs.
//
//	T 23.5, H 40    TVOC 12 ppb\teCO2 400 ppm    Heading 87.50    LEFT - 120; RIGHT - 118
//	temp 23.50 C   p-p gyro 0.0021 rad/s / accel 0.0120 m/s^2   tilt 0.12 deg   OK
func (p *Parser) readWords(text string, only bool) bool {
	before, parts := len(p.out), 0
	if !only {
		parts = wordParts(text)
	}
	if parts == 1 && onlyPhrases(text) {
		parts = 2
	}
	for text != "" {
		end := partEnd(text)
		part := trim(text[:end])
		text = text[min(end+1, len(text)):]
		if part != "" && !p.readPhrase(part, parts > 1) {
			p.leave("", part)
		}
	}
	return len(p.out) > before
}

// wordParts counts the parts that have a name and a number.
func wordParts(text string) (n int) {
	for text != "" {
		end := partEnd(text)
		if name, _, _, _ := phraseAt(trim(text[:end])); name != "" {
			n++
		}
		text = text[min(end+1, len(text)):]
	}
	return n
}

// onlyPhrases reports whether a text is two or more single words, each with a number.
//
//	CH0 512 CH1 513    IR 712 RED 813
func onlyPhrases(text string) bool {
	phrases := 0
	for ; text != ""; phrases++ {
		raw, _, _, n := phraseAt(text)
		if raw == "" || strings.IndexByte(raw, ' ') >= 0 || notNames[strings.ToLower(raw)] {
			return false
		}
		text = trimLeft(text[n:])
	}
	return phrases > 1
}

// readPhrase reads a part: names and numbers to its end. In a list whole numbers without
// a unit count too. A single number in a sentence does not:
//
//	Wrote 123 bytes in 45 ms    Grbl 1.1h ['$' for help]
func (p *Parser) readPhrase(part string, list bool) bool {
	before, rest := len(p.out), part
	sentence := false
	for rest != "" {
		if n := p.runLength(p.last, rest); n > 0 && len(p.out) > before {
			p.addRun(p.last, rest[:n])
			rest = rest[n:]
			continue
		}
		raw, value, unit, n := phraseAt(rest)
		if raw == "" {
			p.leave("", rest)
			sentence = true
			break
		}
		if !p.addPhrase(raw, value, unit, list && (n == len(rest) || strings.IndexByte(raw, ' ') < 0)) {
			if len(p.out) == before && !hasMeasure(rest[n:]) {
				return false
			}
			sentence = true
		}
		rest = strings.TrimLeft(rest[n:], " /")
	}
	if sentence && len(p.out) == before+1 && !measures[p.last] {
		p.takeBack(before)
	}
	return len(p.out) > before
}

// addPhrase adds a number after words, if it has a fraction or a unit, or stands in a
// list, or after a sign.
func (p *Parser) addPhrase(raw, value, unit string, list bool) bool {
	sure := list || unit != "" || strings.IndexByte(value, '.') >= 0 || bare(raw) != raw
	if last := raw[lastWord(raw):]; measures[strings.ToLower(last)] && value[0] == '-' {
		raw, sure = last, true
	}
	name := p.wordName(raw)
	if !sure || name == "" {
		return false
	}
	p.put(name, value, unit)
	return true
}

func hasMeasure(rest string) bool {
	raw, value, _, _ := phraseAt(rest)
	return raw != "" && value[0] == '-' && measures[strings.ToLower(raw[lastWord(raw):])]
}

// phraseAt returns the words at the beginning of s, the number after them, and the
// length of all.
func phraseAt(s string) (raw, value, unit string, n int) {
	for at := tokenEnd(s); at < len(s); at += tokenEnd(s[at:]) {
		at = skipSpaces(s, at)
		if value, unit, n = quantityAt(s[at:]); n > 0 && !strings.HasPrefix(s[at+n:], " is ") {
			return strings.TrimRight(s[:at], " "), value, unit, at + n
		}
	}
	return "", "", "", 0
}

// bare removes what stands for a sign after a name: LEFT - 120, feedpress> 3.2, it is 5.
func bare(raw string) string {
	for _, sign := range [...]string{" -", " is", " ->", ">", "→"} {
		if name, ok := strings.CutSuffix(raw, sign); ok {
			return strings.TrimRight(name, " ")
		}
	}
	return raw
}

// wordName returns the name in words before a number, "" if they are not one.
func (p *Parser) wordName(raw string) string {
	named := bare(raw)
	channel := named != raw // analog input 0 is 512
	raw = named
	if len(raw) > longestColumn || strings.Count(raw, " ") >= mostWords || strings.ContainsAny(raw, "#'\"()[]{}<>@") {
		return ""
	}
	for word := range strings.FieldsSeq(raw) {
		if !hasLetter(word) && (!channel || len(word) > 2) || notNames[strings.ToLower(word)] {
			return ""
		}
	}
	return p.titled(raw)
}
