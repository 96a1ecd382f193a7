package lineformat

import (
	"strings"
	"unicode/utf8"
)

// withoutControls removes what acts on a terminal or frames a line, and is no part of it:
// colours anywhere, and every control character and escape sequence at the ends. What is
// left may still have control characters within. It returns a part of the text if that is
// possible, else the memory of p.
//
//	\x1b[0;32mI (1234) sensor: temp=23.5\x1b[0m    \x02+012.34 kg\x03    temperature=23.5\x00
func (p *Parser) withoutControls(text string) string {
	text = text[leadingControls(text):]
	text = text[:len(text)-trailingControls(text)]
	if !strings.Contains(text, "\x1b[") {
		return text
	}
	p.plain = p.plain[:0]
	for text != "" {
		if n := escapeAt(text); n > 0 && text[n-1] == 'm' {
			text = text[n:]
			continue
		}
		p.plain = append(p.plain, text[0])
		text = text[1:]
	}
	return view(p.plain)
}

// leadingControls returns the length of the beginning of s up to its last leading control
// character. Blanks before one belong to the beginning too.
func leadingControls(s string) (n int) {
	for i := 0; i < len(s); {
		size := controlAt(s[i:])
		switch {
		case size > 0:
			i += size
			n = i
		case s[i] == ' ' || s[i] == '\t':
			i++
		default:
			return n
		}
	}
	return n
}

// trailingControls is leadingControls for the end of s.
func trailingControls(s string) int {
	end := 0 // of the text
	for i := 0; i < len(s); {
		switch size := controlAt(s[i:]); {
		case size > 0:
			i += size
		default:
			i++
			if s[i-1] != ' ' && s[i-1] != '\t' {
				end = i
			}
		}
	}
	for i := end; i < len(s); i++ {
		if s[i] != ' ' && s[i] != '\t' {
			return len(s) - i
		}
	}
	return 0
}

// controlAt returns the length of the control character or escape sequence at the
// beginning of s, 0 if there is none. A byte of Latin-1 is none.
func controlAt(s string) int {
	if n := escapeAt(s); n > 0 {
		return n
	}
	r, size := utf8.DecodeRuneInString(s)
	if r == utf8.RuneError || !control(r) {
		return 0
	}
	return size
}

// escapeAt returns the length of the escape sequence at the beginning of s, 0 if there is
// none. It ends with a letter, of which m sets a colour:
//
//	\x1b[0;32m    \x1b[2J    \x1b[K
func escapeAt(s string) int {
	if !strings.HasPrefix(s, "\x1b[") {
		return 0
	}
	for i := len("\x1b["); i < len(s); i++ {
		switch c := s[i]; {
		case c >= 0x40 && c <= 0x7e:
			return i + 1
		case c < 0x20 || c > 0x3f:
			return 0
		}
	}
	return 0
}
