package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"arduino-gateway/device"
	"arduino-gateway/internal/control"
	"arduino-gateway/internal/monitor"
	"arduino-gateway/internal/plaintext"
)

// monitor prints the live lines of one board. Without a board it shows a table of all
// boards on a terminal, and prints the lines of all boards elsewhere, such as in a pipe.
func (s *shell) monitor(ctx context.Context, flags *flag.FlagSet, args []string) error {
	file := configFlag(flags)
	if err := parseMixed(flags, args, "[DEVICE]"); err != nil {
		return err
	}
	only := flags.Arg(0)
	err := s.ask(ctx, *file, func(ctx context.Context, socket string) error {
		if out, ok := plaintext.Raw(s.stdout).(*os.File); only == "" && ok && term.IsTerminal(int(out.Fd())) {
			return showTable(ctx, socket, out)
		}
		return control.Watch(ctx, socket, only, func(e monitor.Event) error { return s.printEvent(e, only == "") })
	})
	if stopped(err) {
		return nil
	}
	return err
}

// printEvent prints an event, with its board's name if named is set.
func (s *shell) printEvent(e monitor.Event, named bool) error {
	text := eventText(e)
	if named && e.Device != "" {
		at, rest, _ := strings.Cut(text, " ")
		text = at + " " + e.Device + " " + rest
	}
	_, err := fmt.Fprintln(s.stdout, text)
	return err
}

// eventText returns an event as one line: what was on the wire, then its readings, or
// why it was not understood.
func eventText(e monitor.Event) string {
	return e.Time.Local().Format("15:04:05.000") + " " + wireText(e)
}

// wireText is eventText without the time.
func wireText(e monitor.Event) string {
	switch e.Kind {
	case monitor.In:
		return "< " + escaped(e.Text) + "   " + readingsText(e.Readings) + withheldText(e.Withheld)
	case monitor.Refused:
		return "< " + visible(e.Text) + "   ! " + e.Error
	case monitor.Out:
		return "> " + visible(e.Text)
	default:
		return "- " + e.Text
	}
}

func readingsText(readings []device.Reading) string {
	parts := make([]string, len(readings))
	for i, r := range readings {
		parts[i] = r.Name + "=" + r.Value + r.Unit
	}
	return "[" + strings.Join(parts, " ") + "]"
}

// withheldText returns what was not published: "  ! humidity=140% above max 100".
func withheldText(withheld []device.Withheld) string {
	if len(withheld) == 0 {
		return ""
	}
	parts := make([]string, len(withheld))
	for i, w := range withheld {
		parts[i] = w.Name + "=" + w.Value + w.Unit + " " + w.Why
	}
	return "  ! " + strings.Join(parts, ", ")
}

// escaped shows the bytes of a line that are not text: 23.5 \xb0C, \x1b[32mT=23\x1b[0m. A
// line in Latin-1 and one with colours are understood.
func escaped(text string) string {
	if utf8.ValidString(text) && !strings.ContainsFunc(text, garbled) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError || garbled(r) && r < utf8.RuneSelf:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case garbled(r):
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
