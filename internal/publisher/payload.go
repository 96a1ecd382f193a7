package publisher

import (
	"cmp"
	"strconv"
	"strings"

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

// appendValue appends a board's text: as a number if it is one, true and false as they
// are, and anything else as a string. The digits of a number stay as they are, but JSON
// has no "+1", ".5", "1.", "007" and "2,5": they become 1, 0.5, 1, 7 and 2.5. So a reading
// is a number with each line, however the board pads it.
func appendValue(b []byte, text string) []byte {
	if text == "true" || text == "false" {
		return append(b, text...)
	}
	n, ok := parseNumber(text)
	if !ok {
		return jsontext.AppendString(b, text)
	}
	return n.append(b)
}

// number is the text of a decimal number in its parts.
type number struct {
	negative        bool
	whole, fraction string // digits; not both are empty
	exponent        string // with its e, or ""
}

func parseNumber(text string) (n number, ok bool) {
	if text != "" && (text[0] == '-' || text[0] == '+') {
		n.negative = text[0] == '-'
		text = text[1:]
	}
	n.whole, text = cutDigits(text)
	if text != "" && (text[0] == '.' || text[0] == ',' && n.whole != "" && len(text) > 1) {
		n.fraction, text = cutDigits(text[1:])
	}
	n.exponent = text
	return n, (n.whole != "" || n.fraction != "") && (text == "" || isExponent(text))
}

// append appends the number in JSON's grammar.
func (n number) append(b []byte) []byte {
	if n.negative {
		b = append(b, '-')
	}
	b = append(b, cmp.Or(strings.TrimLeft(n.whole, "0"), "0")...)
	if n.fraction != "" {
		b = append(append(b, '.'), n.fraction...)
	}
	return append(b, n.exponent...)
}

func isExponent(text string) bool {
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	text = text[1:]
	if text != "" && (text[0] == '+' || text[0] == '-') {
		text = text[1:]
	}
	digits, rest := cutDigits(text)
	return digits != "" && rest == ""
}

// cutDigits splits the leading digits off text.
func cutDigits(text string) (digits, rest string) {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return text[:n], text[n:]
}
