package wire

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// text gives the line as text without copying it: the string is the line's own
// memory, or the parser's where Latin-1 was decoded. It refuses what a wrong
// baud rate makes of a line, and what would act on a terminal.
func (p *Parser) text(line []byte) (string, error) {
	for _, c := range line {
		if c-' ' >= 0x7f-' ' && c != '\t' { // one comparison for both ends
			return p.decode(line)
		}
	}
	return view(line), nil
}

// view makes no copy, as strings.Builder does: the string changes with b.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// decode reads UTF-8, and Latin-1 where it reads well.
func (p *Parser) decode(line []byte) (string, error) {
	p.decoded = p.decoded[:0]
	foreign := -1 // the first byte that is no UTF-8
	likely := true
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		if r == utf8.RuneError && n == 1 {
			r = rune(line[i]) // Latin-1 is how Unicode begins
			if foreign < 0 {
				foreign = i
			}
			likely = likely && latin1At(r, p.decoded)
		} else if control(r) {
			return "", fmt.Errorf("byte %d is a control character (%U)", i+1, r)
		}
		p.decoded = utf8.AppendRune(p.decoded, r)
		i += n
	}
	if foreign < 0 {
		return view(line), nil
	}
	if !likely || len(p.decoded)-len(line) > len(line)/2 {
		return "", fmt.Errorf("byte %d (0x%02x) is neither UTF-8 nor Latin-1 text (hint: is baud right?)", foreign+1, line[foreign])
	}
	return view(p.decoded), nil
}

// latin1At tells whether a sketch saved as Latin-1 may well print r behind
// before: a sign that stands with numbers and units, or a letter within a word
// or at its beginning. A wrong baud rate gives bytes from all over.
//
//	23.5 \xb0C    5 m\xb3    H\xf6he: 12 cm
func latin1At(r rune, before []byte) bool {
	if strings.ContainsRune("°º²³µ±", r) {
		return true
	}
	if !unicode.IsLetter(r) {
		return false
	}
	last, _ := utf8.DecodeLastRune(before)
	return len(before) == 0 || unicode.IsLetter(last) || strings.ContainsRune(" \t,;|(\"'", last)
}

func control(r rune) bool { return r != '\t' && unicode.IsControl(r) }

// quote shows a piece of a line in an error, cut to what a person reads.
func quote(text string) string {
	const most = 40
	if len(text) <= most {
		return `"` + text + `"`
	}
	cut := most
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return `"` + text[:cut] + `…"`
}
