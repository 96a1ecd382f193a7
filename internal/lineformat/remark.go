package lineformat

import (
	"strings"
	"unicode"
)

// remarkIn looks at what follows a number, up to the sign of the next pair, -1 without
// one. It returns the length of what is neither part of the value nor of the next name.
// certain is false if the number may be only the beginning of the value.
//
//	/200.00 B: 28.00      (ok) H=40      of 100 temp=3      ║      count
//	Nov 2026              4B 46 7F FF    at 12:30
func remarkIn(tail string, sign int) (length int, certain bool) {
	end := len(tail)
	if sign >= 0 {
		end = sign
	}
	at := 0
	for at < end {
		n := remarkAt(tail[at:end])
		if n == 0 {
			break
		}
		at = min(skipSpaces(tail, at+n), end)
	}
	rest := tail[at:end]
	if sign >= 0 {
		return at, !hexFirst(rest)
	}
	return end, !hasDigit(rest) && !monthFirst(rest)
}

// remarkAt returns the length of a word at the beginning of s that belongs to no name,
// 0 if it may.
func remarkAt(s string) int {
	n := tokenEnd(s)
	switch c := s[0]; {
	case c == '(' || c == '[':
		if closing := strings.IndexAny(s, ")]"); closing > 0 {
			return closing + 1
		}
	case c == '/' || isDigit(c) && strings.IndexByte(s[:n], '/') > 0:
		return n + numbersAt(s[n:])
	case strings.HasPrefix(s, "±"), strings.HasPrefix(s, "+/-"):
		return n + numbersAt(s[n:])
	case (s[:n] == "of" || s[:n] == "von" || s[:n] == "de") && n+1 < len(s) && isDigit(s[n+1]):
		return n + 1 + tokenEnd(s[n+1:])
	case isSymbol(s[:n]):
		return n
	}
	return 0
}

// numbersAt returns the length of a space and a quantity at the beginning of s.
func numbersAt(s string) int {
	if s == "" || s[0] != ' ' {
		return 0
	}
	if _, _, n := quantityAt(s[1:]); n > 0 {
		return 1 + n
	}
	return 0
}

// isSymbol reports whether a word is drawn, not written: ║, ███, 💡.
func isSymbol(word string) bool {
	for _, r := range word {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

// hexFirst reports whether s begins with a byte in hex that is not a number, after which
// more words follow: "4B 46 7F". Such a word is a value, not a name.
func hexFirst(s string) bool {
	n := tokenEnd(s)
	return n > 0 && n <= 2 && n < len(s) && hexDigits(s[:n]) == n && hasDigit(s[:n])
}

// isBytes reports whether s begins with a row of bytes in hex, one of which is no number
// in decimal, or all of which have two digits and one begins with zero.
//
//	1 77 1 4B 46 7F FF C 10 A5  CRC=A5    01 03 04 00 20 01
func isBytes(s string) bool {
	hex, pairs, zero := false, true, false
	for words := 0; ; words++ {
		n := tokenEnd(s)
		if n == 0 || n > 2 || hexDigits(s[:n]) < n {
			return words >= 4 && hex
		}
		hex = hex || digits(s[:n]) < n
		pairs = pairs && n == 2
		zero = zero || n == 2 && s[0] == '0'
		if s = s[n:]; s == "" {
			return words >= 3 && (hex || words >= 4 && pairs && zero)
		}
		s = s[1:]
	}
}

// monthFirst reports whether the number before s is the day of a date: 30 Nov 2026.
func monthFirst(s string) bool {
	if len(s) < 3 || len(s) > 3 && isLetter(s[3]) {
		return false
	}
	return strings.Contains(" jan feb mar apr may jun jul aug sep oct nov dec ", " "+strings.ToLower(s[:3])+" ")
}
