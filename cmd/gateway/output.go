package main

import (
	"encoding/hex"
	"encoding/json"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printJSON is for scripts.
func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}

// printable keeps what a device or a broker says of itself from moving the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, text)
}

// visible shows the bytes of a garbled line that would act on the terminal, or be
// no text on it.
func visible(text string) string {
	garbled := func(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) && r != '\t' }
	if strings.ContainsFunc(text, garbled) {
		return "0x" + hex.EncodeToString([]byte(text))
	}
	return text
}
