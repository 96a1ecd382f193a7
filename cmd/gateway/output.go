package main

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printJSON prints a value as indented JSON, for scripts.
func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// printable replaces the control characters of a text from a device or a broker, which
// could move the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, text)
}

// visible returns a garbled line as hexadecimal digits if it has control characters, or
// is not UTF-8.
func visible(text string) string {
	garbled := func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) && r != '\t' }
	if strings.ContainsFunc(text, garbled) {
		return "0x" + hex.EncodeToString([]byte(text))
	}
	return text
}
