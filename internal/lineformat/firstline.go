package lineformat

import (
	"strings"
	"unicode"
)

// mayBeEnd reports whether the first line after an open may be the end of a line that
// began before, now that the next line shows how the board prints. A line of the same form
// is whole. A number without a name may be the end of anything, unless the board prints more of
// them.
//
//	3.50, then temperature=23.60
//	ity=40, then temperature=23.5,humidity=40
func mayBeEnd(first, next string) bool {
	a, b := form(first), form(next)
	if strings.HasPrefix(a, "#") && !strings.HasPrefix(b, "#") {
		return true
	}
	missing, ends := strings.CutSuffix(b, a)
	return ends && strings.ContainsFunc(missing, func(r rune) bool { return r == '#' || unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// form returns the form of a line: its words and signs, with # for each value.
func form(text string) string {
	var b strings.Builder
	valued := false // the word follows a sign
	for text != "" {
		n := wordEnd(text)
		if n == 0 {
			if text[0] != ' ' && text[0] != '\t' {
				b.WriteByte(text[0])
				valued = false
			}
			text = text[1:]
			continue
		}
		word := text[:n]
		text = text[n:]
		sign := signIn(word)
		switch {
		case sign >= 0:
			b.WriteString(word[:sign+1])
			valued = sign+1 == n
			if !valued {
				b.WriteByte('#')
			}
		case valued, numberAt(word) > 0:
			b.WriteByte('#')
			valued = false
		default:
			b.WriteString(word)
		}
	}
	return strings.ToLower(b.String())
}
