package lineformat

import "strings"

// cutPrefix removes what logs and framing put around a line. log is set if that was a
// log's level, after which a tag may follow.
//
//	[12:30:01][D][sensor:094]: 'Temperature': …     ESPHome
//	I (1234) sensor: temp=23.5                      ESP-IDF
//	12:30:01.123 -> temp=23.5                       the IDE's serial monitor
//	<T=23.5,H=40>    >adc:512    ok T:24.0
func cutPrefix(text string) (rest string, log bool) {
	if text == "" {
		return text, false
	}
	switch c := text[0]; {
	case isLetter(c):
		if rest = cutLevel(text); len(rest) < len(text) {
			return rest, true
		}
		return strings.TrimPrefix(text, "ok "), false // a 3D printer's answer
	case isFrame(text):
		return cutPrefix(trim(text[1 : len(text)-1]))
	case c == '[':
		rest = cutBrackets(text)
	case c == ';':
		return cutPrefix(trimLeft(text[1:]))
	case c == '>':
		rest = text[1:]
	case isDigit(c):
		if rest = cutTime(text); len(rest) < len(text) && (numberAt(rest) > 0 || strings.HasSuffix(text[:len(text)-len(rest)], "-> ")) {
			return rest, false
		}
	default:
		return text, false
	}
	if rest = trimLeft(rest); !hasLetter(rest) {
		return text, false // [0]: 512    12:30:05
	}
	return rest, false
}

// isFrame reports whether a line stands between two characters that mark its ends.
//
//	<T=23.5,H=40>    (23.5,40)    $23.5,40#    *23.5*    [23.5,48.2]    {23.5,40}    | 23.5 | 40 |
func isFrame(text string) bool {
	last := len(text) - 1
	if last < 2 || strings.IndexByte("<([{*#$!|", text[0]) < 0 || strings.IndexByte(">)]}*#$!;|", text[last]) < 0 {
		return false
	}
	switch inner := text[1:last]; text[0] {
	case '[':
		return text[last] == ']' && strings.IndexByte(inner, ']') < 0 && (!hasLetter(inner) || signIn(inner) > 0)
	case '(':
		return text[last] == ')' && strings.IndexByte(inner, ')') < 0
	case '|':
		return text[last] == '|'
	case '{':
		return text[last] == '}' && numberAt(trimLeft(inner)) > 0
	default:
		return strings.IndexByte(inner, text[0]) < 0 && strings.IndexByte(inner, text[last]) < 0
	}
}

// cutBrackets removes the brackets before a line, with the colon or the dash after them.
//
//	[ 3412 ms ] IR: 123    [Data] T:23.5    [ENCODERS]: LEFT - 120
func cutBrackets(text string) string {
	for strings.HasPrefix(text, "[") {
		_, rest, ok := strings.Cut(text, "]")
		if !ok {
			return text
		}
		text = trimLeft(rest)
	}
	text = strings.TrimLeft(text, ":-> ")
	if function := tokenEnd(text); strings.HasSuffix(text[:function], "():") {
		return trimLeft(text[function:]) // [I][main.cpp:45] loop(): temp=23.5
	}
	return text
}

// cutLevel removes the level and the time of ESP-IDF's log.
//
//	I (1234) TEMP: 23.5
func cutLevel(text string) string {
	if len(text) < 5 || text[1:3] != " (" || strings.IndexByte("EWIDV", text[0]) < 0 {
		return text
	}
	n := 3 + digits(text[3:])
	if n == 3 || !strings.HasPrefix(text[n:], ") ") {
		return text
	}
	return trimLeft(text[n+2:])
}

// cutTime removes a date and a time of day, or only the time.
//
//	2026-11-30 12:30:01 temp=23.5
func cutTime(text string) string {
	rest := text
	if date := wordEnd(rest); isDate(rest[:date]) && date < len(rest) {
		rest = trimLeft(rest[date:])
	}
	clock := wordEnd(rest)
	if clock == len(rest) || !isTime(rest[:clock]) {
		return text
	}
	return strings.TrimLeft(rest[clock:], "-> ")
}

// isTime reports whether a word is a time of day: 12:30, 12:30:01, 12:30:01.123.
func isTime(word string) bool {
	colons := 0
	for i := range len(word) {
		switch {
		case word[i] == ':' && i > 0 && i+1 < len(word) && isDigit(word[i+1]):
			colons++
		case word[i] == '.' && colons == 2:
		case !isDigit(word[i]):
			return false
		}
	}
	return (colons == 1 || colons == 2) && digits(word) <= 2
}

// isDate reports whether a word is a date of three numbers, one of which is a year.
func isDate(word string) bool {
	separator := strings.IndexAny(word, "-/.")
	if separator < 1 {
		return false
	}
	parts := strings.Split(word, word[separator:separator+1])
	year := false
	for _, part := range parts {
		if part == "" || digits(part) < len(part) || len(part) > 4 {
			return false
		}
		year = year || len(part) == 4 && (part[0] == '1' || part[0] == '2')
	}
	return len(parts) == 3 && year && (len(parts[0]) <= 2 || len(parts[2]) <= 2) && len(parts[1]) <= 2
}

func hasLetter(s string) bool {
	for i := range len(s) {
		if isLetter(s[i]) || s[i] >= 0x80 {
			return true
		}
	}
	return false
}

// chatter begins what the boot loaders of the ESP8266 and the ESP32 print, and their
// reports of a crash. Their numbers are no readings.
var chatter = [...]string{
	"ets ", "rst:", "load:", "load ", "entry ", "configsip:", "clk_drv:", "mode:DIO", "mode:QIO", "mode:DOUT", "mode:QOUT",
	"boot mode:", "ho 0 tail", "tail ", "chksum ", "csum ", "SPIWP:", "ESP-ROM:", "Saved PC:", "flash read err",
	"Fatal exception", "Exception (", "epc1=", "ctx:", "sp: ", "Backtrace:", "Guru Meditation", "Core ", "PC ", "EXCVADDR",
	"ELF file SHA256", "Rebooting", "abort() was called", "assert failed", "Stack smashing", "Brownout detector",
}

// chatterBy has them by their first byte.
var chatterBy = func() (by [256][]string) {
	for _, begin := range chatter {
		by[begin[0]] = append(by[begin[0]], begin)
	}
	return by
}()

func isChatter(text string) bool {
	for _, begin := range chatterBy[text[0]] {
		if strings.HasPrefix(text, begin) {
			return true
		}
	}
	return false
}
