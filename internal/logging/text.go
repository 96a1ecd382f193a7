package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// Colours of the terminal's own palette.
const (
	dim    = "\x1b[2m"
	bold   = "\x1b[1m"
	red    = "\x1b[31m"
	yellow = "\x1b[33m"
	green  = "\x1b[32m"
	blue   = "\x1b[34m"
	plain  = "\x1b[0m"
)

// text is the handler for people. A record is one line and one Write.
type text struct {
	style style
	level slog.Level
	out   *output

	device string // from WithAttrs
	attrs  string // from WithAttrs, as written
	prefix string // of open groups, such as "mqtt."
}

// output is shared by all handlers derived from one.
type output struct {
	mu sync.Mutex
	w  io.Writer
}

func newText(w io.Writer, s style, level slog.Level) *text {
	return &text{style: s, level: level, out: &output{w: w}}
}

func (t *text) Enabled(_ context.Context, level slog.Level) bool { return level >= t.level }

func (t *text) Handle(_ context.Context, r slog.Record) error {
	device := t.device
	var rest strings.Builder
	r.Attrs(func(a slog.Attr) bool {
		t.attr(&rest, &device, t.prefix, a)
		return true
	})
	var line strings.Builder
	t.head(&line, r, device)
	line.WriteString(clean(r.Message) + t.attrs + rest.String() + "\n")
	t.out.mu.Lock()
	defer t.out.mu.Unlock()
	_, err := io.WriteString(t.out.w, line.String())
	return err
}

// head writes the part before the message.
func (t *text) head(b *strings.Builder, r slog.Record, device string) {
	if t.style.priority {
		b.WriteString(priority(r.Level))
	}
	if t.style.time != "" && !r.Time.IsZero() {
		b.WriteString(t.in(dim, r.Time.Format(t.style.time)) + " ")
	}
	b.WriteString(t.in(colour(r.Level), fmt.Sprintf("%-5s", r.Level)) + " ")
	if device != "" {
		b.WriteString(t.in(bold, clean(device)+":") + " ")
	}
}

// attr writes " key=value", and each attribute of a group. The device goes to the head.
func (t *text) attr(b *strings.Builder, device *string, prefix string, a slog.Attr) {
	value := a.Value.Resolve()
	switch {
	case a.Equal(slog.Attr{}):
	case value.Kind() == slog.KindGroup:
		if a.Key != "" {
			prefix += a.Key + "."
		}
		for _, part := range value.Group() {
			t.attr(b, device, prefix, part)
		}
	case prefix == "" && a.Key == deviceKey:
		*device = value.String()
	default:
		b.WriteString(" " + t.in(dim, clean(prefix+a.Key)+"=") + quote(format(value)))
	}
}

// in colours s, if the style has colours.
func (t *text) in(colour, s string) string {
	if !t.style.colour || colour == "" {
		return s
	}
	return colour + s + plain
}

func (t *text) WithAttrs(attrs []slog.Attr) slog.Handler {
	derived := *t
	var b strings.Builder
	for _, a := range attrs {
		t.attr(&b, &derived.device, t.prefix, a)
	}
	derived.attrs += b.String()
	return &derived
}

func (t *text) WithGroup(name string) slog.Handler {
	if name == "" {
		return t
	}
	derived := *t
	derived.prefix += name + "."
	return &derived
}

func colour(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return red
	case l >= slog.LevelWarn:
		return yellow
	case l >= slog.LevelInfo:
		return green
	default:
		return blue
	}
}

// priority returns the level as syslog and systemd write it.
func priority(l slog.Level) string {
	switch {
	case l >= slog.LevelError:
		return "<3>"
	case l >= slog.LevelWarn:
		return "<4>"
	case l >= slog.LevelInfo:
		return "<6>"
	default:
		return "<7>"
	}
}

func format(v slog.Value) string {
	if v.Kind() == slog.KindTime {
		return v.Time().Format(time.RFC3339Nano)
	}
	return v.String()
}

// quote quotes a text that would not be distinct from the text around it.
func quote(s string) string {
	if s == "" || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r == '"' || r == '=' || unicode.IsSpace(r) || !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// clean escapes unprintable characters, so that a text stays on its line.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	if !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}
