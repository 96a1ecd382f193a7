package lineformat

import "strings"

// isBreak reports whether c ends a word of a plain line.
func isBreak(c byte) bool {
	switch c {
	case ' ', '\t', ',', ';', '|':
		return true
	}
	return false
}

// trim removes spaces and tabs at both ends. It is several times as fast as
// strings.Trim, which can remove anything.
func trim(s string) string {
	s = trimLeft(s)
	for s != "" && (s[len(s)-1] == ' ' || s[len(s)-1] == '\t') {
		s = s[:len(s)-1]
	}
	return s
}

func trimLeft(s string) string {
	for s != "" && (s[0] == ' ' || s[0] == '\t') {
		s = s[1:]
	}
	return s
}

// wordEnd returns the length of the first word of s.
func wordEnd(s string) int {
	for i := range len(s) {
		if isBreak(s[i]) {
			return i
		}
	}
	return len(s)
}

func isDigit(c byte) bool { return c-'0' <= 9 }

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// numberAt returns the length of the number at the beginning of s, 0 if there is
// none: 23, -0.00, +5, .5, 1e-3, and nan, inf, ovf as Arduino prints them.
func numberAt(s string) int {
	i := 0
	if s != "" && (s[0] == '-' || s[0] == '+') {
		i = 1
	}
	whole := digits(s[i:])
	fraction := 0
	end := i + whole
	if end < len(s) && s[end] == '.' {
		fraction = digits(s[end+1:])
		end += 1 + fraction
	}
	if whole+fraction == 0 {
		return notANumberAt(s, i)
	}
	return end + exponentAt(s[end:])
}

// isNumber reports whether s is a number and nothing else.
func isNumber(s string) bool { return s != "" && numberAt(s) == len(s) }

func exponentAt(s string) int {
	if len(s) < 2 || s[0]|0x20 != 'e' {
		return 0
	}
	i := 1
	if s[1] == '-' || s[1] == '+' {
		i = 2
	}
	n := digits(s[i:])
	if n == 0 {
		return 0
	}
	return i + n
}

// notANumberAt finds the words that stand for a number: a failed sensor prints
// "nan", a float beyond 4294967040 "ovf". sign is the length of the sign.
func notANumberAt(s string, sign int) int {
	if len(s) < sign+3 {
		return 0
	}
	switch s[sign] {
	case 'n', 'N', 'i', 'I', 'o', 'O':
	default:
		return 0
	}
	word := s[sign : sign+3]
	if strings.EqualFold(word, "nan") || strings.EqualFold(word, "inf") || strings.EqualFold(word, "ovf") {
		return sign + 3
	}
	return 0
}

// quantityAt reads the number at the beginning of s and the unit after it, if
// there is one. n is the length of both, 0 if s does not begin with a number.
//
//	23.50    40.0%    23.5 °C    nan %    -67 dBm
func quantityAt(s string) (number, unit string, n int) {
	n = numberAt(s)
	if n == 0 {
		return "", "", 0
	}
	number = s[:n]
	if n == len(s) {
		return number, "", n
	}
	if !isBreak(s[n]) {
		unit, m := unitAt(s[n:])
		if m == 0 || hexDigit(number, unit) || wordJoinsWord(number, unit) {
			return "", "", 0
		}
		return number, unit, n + m
	}
	if s[n] == ' ' {
		if unit, m := unitAt(s[n+1:]); m > 0 {
			return number, unit, n + 1 + m
		}
	}
	return number, "", n
}

// wordJoinsWord prevents "nans" and "infs" from being a number of seconds.
func wordJoinsWord(number, unit string) bool {
	return number[len(number)-1]|0x20 >= 'a' && unit[0]|0x20 >= 'a' && unit[0] < 0x80
}

// switchAt returns the length of the on, off, true or false at the beginning of
// s.
func switchAt(s string) int {
	n := wordEnd(s)
	if n < 2 || n > 5 {
		return 0
	}
	for _, word := range [...]string{"on", "off", "true", "false"} {
		if strings.EqualFold(s[:n], word) {
			return n
		}
	}
	return 0
}

// splitUnit splits the unit off a value that is a number and nothing else. Any
// other text is the whole value.
func splitUnit(text string) (value, unit string) {
	if number, unit, n := quantityAt(text); n > 0 && n == len(text) {
		return number, unit
	}
	return text, ""
}
