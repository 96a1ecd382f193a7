package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Print shows a line a finding, and below it what mends it.
func Print(w io.Writer, found []Finding) error {
	width := 0
	for _, f := range found {
		width = max(width, utf8.RuneCountInString(f.Check))
	}
	var text strings.Builder
	for _, f := range found {
		fmt.Fprintf(&text, "%-4s  %-*s  %s\n", f.Level, width, printable(f.Check), printable(f.What))
		if f.Fix != "" {
			fmt.Fprintf(&text, "%6s%s\n", "", printable(f.Fix))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// printable keeps what a device or a broker says of itself from moving the cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return '?'
		}
		return r
	}, text)
}

// PrintJSON writes an array, for scripts.
func PrintJSON(w io.Writer, found []Finding) error {
	if found == nil {
		found = []Finding{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(found)
}
