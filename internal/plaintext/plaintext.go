// Package plaintext makes text from boards, brokers and clients harmless on a terminal:
// it escapes what could move the cursor, colour, clear, or reorder what stands there.
package plaintext

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Escape returns the text with its control characters written as `\x1b` and `\u009b`.
// Newlines and tabs stay. So do the letters of every script, but not the characters that
// only change the direction of writing.
func Escape(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, acts) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1 || acts(r) && r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case !acts(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// Line is Escape for a text that must stay on its line.
func Line(text string) string { return strings.ReplaceAll(Escape(text), "\n", `\x0a`) }

// acts reports whether a character is more than a sign to a terminal. Bytes that are not
// UTF-8 are escaped too: many terminals take 0x9b for the beginning of a sequence. In JSON,
// which escapes those below 0x20 itself, `\u` is the right form of the others.
func acts(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}

// Writer escapes what is written to Out. A Write holds whole characters.
type Writer struct{ Out io.Writer }

// Write returns len(p) if all of it was written.
func (w Writer) Write(p []byte) (int, error) {
	text := string(p)
	if _, err := io.WriteString(w.Out, Escape(text)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Raw returns what a Writer writes to, for those who write sequences of their own.
func Raw(w io.Writer) io.Writer {
	if escaping, ok := w.(Writer); ok {
		return escaping.Out
	}
	return w
}
