package logging

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"

	"arduino-gateway/internal/plaintext"
)

// New returns a logger that writes records at level and above to w, in the
// given format; any format but json is text. The style of the text depends on w; see
// the package documentation.
func New(w io.Writer, format string, level slog.Level) *slog.Logger {
	var h slog.Handler
	if format == "json" {
		h = slog.NewJSONHandler(plaintext.Writer{Out: w}, &slog.HandlerOptions{Level: level})
	} else {
		h = newText(w, styleFor(w, os.Getenv), level)
	}
	return slog.New(newLimited(h))
}

// style is the look of text.
type style struct {
	time     string // layout; "" for no time
	colour   bool
	priority bool // a line begins with <3>, as systemd expects it
}

func styleFor(w io.Writer, env func(string) string) style {
	file, ok := w.(*os.File)
	switch {
	case ok && isJournal(file, env("JOURNAL_STREAM")):
		return style{priority: true}
	case ok && term.IsTerminal(int(file.Fd())) && understandsColours(file):
		return style{time: "15:04:05.000", colour: env("NO_COLOR") == "" && env("TERM") != "dumb"}
	default:
		return style{time: "2006-01-02T15:04:05.000Z07:00"}
	}
}
