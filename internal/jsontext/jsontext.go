// Package jsontext appends JSON to bytes, for what is encoded once a line or once a
// command. It knows no type but text: a tenth of the time that package
// encoding/json takes is all that its callers gain, and all that it is for.
package jsontext

import "unicode/utf8"

const hex = "0123456789abcdef"

// AppendString appends text as a JSON string. What is not UTF-8 becomes U+FFFD.
func AppendString(b []byte, text string) []byte {
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

// AppendField appends a text behind its key, such as `,"reply":`, or nothing for an
// empty one.
func AppendField(b []byte, key, value string) []byte {
	if value == "" {
		return b
	}
	return AppendString(append(b, key...), value)
}
