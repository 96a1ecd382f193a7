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
//	23.50    40.0%    23.5 °C    nan %    -67 dBm    34  cm
func quantityAt(s string) (number, unit string, n int) { return quantityOf("", s) }

// quantityOf is quantityAt for a reading with a name, which tells whether 1C is a
// temperature or a number in hex.
func quantityOf(name, s string) (number, unit string, n int) {
	n = numberAt(s)
	if n == 0 {
		return "", "", 0
	}
	number = s[:n]
	if n == len(s) {
		return number, "", n
	}
	if s[n] == '/' && name != "" && slashList(name, s) {
		return number, "", n
	}
	if !isBreak(s[n]) {
		unit, m := unitAt(s[n:])
		if m == 0 && s[n] == 'c' && wordEnd(s[n:]) == 1 && isHeat(name) {
			unit, m = "°C", 1 // 23c
		}
		if slash := strings.IndexByte(s[n:], '/'); m == 0 && slash > 0 && n+slash+1 < len(s) && isDigit(s[n+slash+1]) {
			if unit = unitOf(s[n : n+slash]); unit != "" {
				m = slash // 23.5C/74.3F
			}
		}
		if m == 0 || hexDigit(name, number, unit) || wordJoinsWord(number, unit) {
			return "", "", 0
		}
		return number, unit, n + m
	}
	if s[n] == ' ' || s[n] == '\t' {
		blanks := len(s[n:]) - len(trimLeft(s[n:]))
		if unit, m := unitAt(s[n+blanks:]); m > 0 && (blanks == 1 && s[n] == ' ' || standsAlone(s[n+blanks+m:])) {
			return number, unit, n + blanks + m
		}
	}
	return number, "", n
}

// standsAlone reports whether what follows a unit shows that it is no name: in
// "0.74  deg C: 23.73" deg is one.
func standsAlone(after string) bool {
	return after == "" || after[0] != ' ' || len(after) > 1 && (isBreak(after[1]) || after[1] == '(')
}

// slashList reports whether the number at the beginning of s is the first of several,
// or a number of something, and not part of a date.
//
//	CO2 Current/Min/Max: 612/400/1200    BPM : 4/ 1 Min    Date: 30/11/2026
func slashList(name, s string) bool {
	word := s[:wordEnd(s)]
	for i := range len(word) {
		if c := word[i]; c != '/' && c != '.' && c != '-' && !isDigit(c) {
			return false
		}
	}
	return !isDate(word) && !containsAny(name, "date", "datum", "fecha", "tanggal", "time")
}

// wordJoinsWord prevents "nans" and "infs" from being a number of seconds.
func wordJoinsWord(number, unit string) bool {
	return number[len(number)-1]|0x20 >= 'a' && unit[0]|0x20 >= 'a' && unit[0] < 0x80
}

// states are the words that are values behind a colon, as sketches in several
// languages print them.
var states = map[string]bool{
	"on": true, "off": true, "true": true, "false": true, "yes": true, "no": true, "ok": true, "open": true, "closed": true, "close": true,
	"auto": true, "manual": true, "high": true, "low": true, "wet": true, "dry": true, "idle": true, "active": true, "inactive": true,
	"enabled": true, "disabled": true, "running": true, "stopped": true, "full": true, "empty": true, "normal": true, "alarm": true,
	"detected": true, "clear": true, "day": true, "night": true, "error": true, "fail": true, "failed": true, "heating": true, "cooling": true,
	"ein": true, "aus": true, "an": true, "sim": true, "não": true, "sí": true, "si": true, "ligado": true, "desligado": true,
	"ya": true, "tidak": true, "hidup": true, "mati": true, "oui": true, "non": true,
}

const longestState = 10 // bytes

// stateAt returns the length of the state at the beginning of s, 0 if there is none.
func stateAt(s string) int {
	n := wordEnd(s)
	if n < 2 || n > longestState {
		return 0
	}
	var lower [longestState]byte
	for i := range n {
		lower[i] = s[i]
		if 'A' <= s[i] && s[i] <= 'Z' {
			lower[i] |= 0x20
		}
	}
	if !states[string(lower[:n])] {
		return 0
	}
	return n
}

// splitUnit splits the unit off a value that is a number and nothing else. Any
// other text is the whole value.
func splitUnit(name, text string) (value, unit string) {
	if number, unit, n := quantityOf(name, text); n > 0 && n == len(text) {
		return number, unit
	}
	return text, ""
}
