package lineformat

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"
)

// text returns the line as text, if possible without copying it: the string is the
// memory of the line, or that of the parser if it removed colours or decoded Latin-1. It
// refuses lines garbled by a wrong baud rate, and control characters within the line.
func (p *Parser) text(line []byte) (string, error) {
	for _, c := range line {
		if c-' ' >= 0x7f-' ' && c != '\t' { // one comparison checks both ends
			return p.decode(line)
		}
	}
	return view(line), nil
}

// view makes no copy, as strings.Builder does: the string changes with b.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// decode reads UTF-8, or else plausible Latin-1.
func (p *Parser) decode(line []byte) (string, error) {
	text := view(line)
	if strings.ContainsFunc(text, control) {
		if text = p.withoutControls(text); text == "" {
			return "", errors.New("only control characters")
		}
		if i := strings.IndexFunc(text, control); i >= 0 {
			r, _ := utf8.DecodeRuneInString(text[i:])
			return "", fmt.Errorf("control character %U within the line", r)
		}
	}
	if utf8.ValidString(text) {
		return text, nil
	}
	return p.decodeLatin1(text)
}

// decodeLatin1 reads each byte that is not UTF-8 as Latin-1, which is how
// Unicode begins: a sketch and its includes may be saved differently.
func (p *Parser) decodeLatin1(line string) (string, error) {
	p.decoded = p.decoded[:0]
	first, likely := -1, true
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRuneInString(line[i:])
		if r == utf8.RuneError && n == 1 {
			r = rune(line[i])
			likely = likely && latin1At(r, p.decoded, line[i+1:])
			if first < 0 {
				first = i
			}
		}
		p.decoded = utf8.AppendRune(p.decoded, r)
		i += n
	}
	if letters := len(p.decoded) - len(line); !likely || letters > len(line)/2 {
		return "", fmt.Errorf("byte %d (0x%02x) is neither UTF-8 nor Latin-1 text (hint: check baud)", first+1, line[first])
	}
	return view(p.decoded), nil
}

// latin1At reports whether a sketch saved as Latin-1 is likely to print r
// between before and after: a sign that goes with numbers and units, or a letter
// within a word, at its beginning, or a word by itself. A wrong baud rate gives
// bytes from all over.
//
//	23.5 \xb0C    5 m\xb3    H\xf6he: 12 cm    \xe0 l'int\xe9rieur    \xe9tat=\xe9teint
func latin1At(r rune, before []byte, after string) bool {
	if strings.ContainsRune("°º²³µ±", r) {
		return true
	}
	last, n := utf8.DecodeLastRune(before)
	switch {
	case !unicode.IsLetter(r):
		return false
	case unicode.IsLetter(last):
		return true
	case len(after) > 0 && isLetter(after[0]):
		return n == 0 || !isDigit(before[len(before)-1])
	}
	return (n == 0 || last == ' ') && (len(after) == 0 || after[0] == ' ')
}

func isLetter(c byte) bool { return c|0x20-'a' < 26 }

func control(r rune) bool { return r != '\t' && unicode.IsControl(r) }

// quote quotes part of a line for an error, cut to a readable length.
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
