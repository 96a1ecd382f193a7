package publisher

import (
	"strconv"

	"arduino-gateway/device"
	"arduino-gateway/internal/jsontext"
)

// timeLayout is RFC 3339 in UTC with milliseconds, always of one length.
const timeLayout = "2006-01-02T15:04:05.000Z"

// appendLine appends a line as one JSON object:
//
//	{"temperature":23.50,"humidity":40.2,"time":"2026-01-02T03:04:05.678Z","seq":17}
func appendLine(b []byte, line device.Line) []byte {
	b = append(b, '{')
	for _, r := range line.Readings {
		b = jsontext.AppendString(b, ReadingKey(r.Name))
		b = append(b, ':')
		b = appendValue(b, r.Value)
		b = append(b, ',')
	}
	if !line.Time.IsZero() { // unknown: better no time than a wrong one
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
	b = jsontext.AppendString(b, string(r.Status))
	b = jsontext.AppendField(b, `,"value":`, r.Value)
	b = jsontext.AppendField(b, `,"line":`, r.Line)
	b = jsontext.AppendField(b, `,"reply":`, r.Reply)
	b = jsontext.AppendField(b, `,"error":`, r.Error)
	b = append(b, `,"took_ms":`...)
	b = strconv.AppendInt(b, r.Took.Milliseconds(), 10)
	return append(b, '}')
}

// appendValue appends a board's text: unquoted if it is a JSON number or boolean,
// with its digits unchanged; else as a string.
func appendValue(b []byte, text string) []byte {
	if text == "true" || text == "false" || isNumber(text) {
		return append(b, text...)
	}
	return jsontext.AppendString(b, text)
}

// isNumber reports whether text is a number in JSON's grammar, which excludes
// "+1", ".5", "1." and "007".
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

// digits counts the leading digits of text.
func digits(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
