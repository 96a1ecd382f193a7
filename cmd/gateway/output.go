package main

import (
	"encoding/hex"
	"encoding/json"
	"io"
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

// visible returns a line as hexadecimal digits if much of it is not text, else with its
// few odd bytes escaped.
func visible(text string) string {
	odd := 0
	for _, r := range text {
		if garbled(r) {
			odd++
		}
	}
	if 4*odd > len(text) {
		return "0x" + hex.EncodeToString([]byte(text))
	}
	return escaped(text)
}

// garbled reports whether r is no text.
func garbled(r rune) bool { return r == utf8.RuneError || unicode.IsControl(r) && r != '\t' }
