package mqttbridge

import (
	"strconv"
	"unicode/utf8"

	"arduino-gateway/device"
)

// timeLayout is RFC 3339 in UTC with milliseconds, always of one length.
const timeLayout = "2006-01-02T15:04:05.000Z"

// appendLine appends a line as one JSON object:
//
//	{"temperature":23.50,"humidity":40.2,"time":"2026-01-02T03:04:05.678Z","seq":17}
func appendLine(b []byte, line device.Line) []byte {
	b = append(b, '{')
	for _, r := range line.Readings {
		b = appendString(b, ReadingKey(r.Name))
		b = append(b, ':')
		b = appendValue(b, r.Value)
		b = append(b, ',')
	}
	if !line.Time.IsZero() { // rather none than a wrong one
		b = append(b, `"time":"`...)
		b = line.Time.UTC().AppendFormat(b, timeLayout)
		b = append(b, `",`...)
	}
	b = append(b, `"seq":`...)
	b = strconv.AppendUint(b, line.Seq, 10)
	return append(b, '}')
}

// appendResult appends the outcome of a command:
//
//	{"status":"done","value":"on","line":"LH","reply":"ok","took_ms":12}
func appendResult(b []byte, r device.Result) []byte {
	b = append(b, `{"status":`...)
	b = appendString(b, string(r.Status))
	b = appendField(b, `,"value":`, r.Value)
	b = appendField(b, `,"line":`, r.Line)
	b = appendField(b, `,"reply":`, r.Reply)
	b = appendField(b, `,"error":`, r.Error)
	b = append(b, `,"took_ms":`...)
	b = strconv.AppendInt(b, r.Took.Milliseconds(), 10)
	return append(b, '}')
}

// appendField appends a text behind its key, or nothing for an empty one.
func appendField(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return appendString(append(b, key...), value)
}

// appendValue appends a board's text: bare where JSON would read it as a number
// or a truth value, digits untouched; else as a string.
func appendValue(b []byte, text string) []byte {
	if text == "true" || text == "false" || isNumber(text) {
		return append(b, text...)
	}
	return appendString(b, text)
}

// isNumber tells whether text is a number in JSON's grammar, which knows no
// "+1", ".5", "1." or "007".
func isNumber(text string) bool {
	rest := text
	if rest != "" && rest[0] == '-' {
		rest = rest[1:]
	}
	whole := digits(rest)
	if whole == 0 || whole > 1 && rest[0] == '0' {
		return false
	}
	rest = rest[whole:]
	if rest != "" && rest[0] == '.' {
		fraction := digits(rest[1:])
		if fraction == 0 {
			return false
		}
		rest = rest[1+fraction:]
	}
	return rest == "" || isExponent(rest)
}

func isExponent(text string) bool {
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	text = text[1:]
	if text != "" && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	return text != "" && digits(text) == len(text)
}

// digits counts the digits that text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}

const hex = "0123456789abcdef"

// appendString appends text as a JSON string. What is not UTF-8 becomes U+FFFD.
func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	for _, r := range text { // an invalid byte comes as utf8.RuneError
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			b = append(b, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}
