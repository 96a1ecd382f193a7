package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"arduino-gateway/internal/control"
	"arduino-gateway/internal/plaintext"
	"arduino-gateway/internal/status"
)

// Escape sequences of a terminal: to the alternate screen without cursor and line wrap,
// back from it, to the top, and to clear the rest of a line or of the screen.
const (
	otherScreen = "\x1b[?1049h\x1b[?25l\x1b[?7l"
	firstScreen = "\x1b[?7h\x1b[?25h\x1b[?1049l"
	fromTheTop  = "\x1b[H"
	clearLine   = "\x1b[K"
	clearRest   = "\x1b[J"
)

// showTable shows the boards on a terminal until ctx ends, or the gateway does.
func showTable(ctx context.Context, path string, out io.Writer) error {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for begun := false; ; begun = true {
		s, err := control.AskStatus(ctx, path)
		if !begun && err == nil {
			fmt.Fprint(out, otherScreen)
			defer fmt.Fprint(out, firstScreen)
		}
		if err != nil || ctx.Err() != nil {
			return err
		}
		text := strings.ReplaceAll(tableText(time.Now(), s), "\n", clearLine+"\n")
		if _, err := fmt.Fprint(out, fromTheTop+text+clearRest); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// tableText returns one line per board, and below them the warnings.
func tableText(now time.Time, s control.Status) string {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "BOARD\tSTATE\tLAST LINE\tLINES/S\tLINES\tERRORS\tWAITING\tPORT")
	for _, d := range s.Devices {
		fmt.Fprintf(table, "%s\t%s\t%s\t%.1f\t%d\t%d\t%d\t%s\n", d.ID, stateWord(d), ageText(now, d.LastLine), d.Rate, d.Counts.Lines, d.Errors, d.Waiting.Lines, plaintext.Line(cmp.Or(d.Port.Path, d.Port.Value)))
	}
	_ = table.Flush() // into memory
	b.WriteString("\n")
	for _, problem := range s.Broker.Problems {
		fmt.Fprintf(&b, "broker: %s\n", plaintext.Line(problem))
	}
	for _, d := range s.Devices {
		for _, w := range d.Warnings {
			fmt.Fprintf(&b, "%s: %s\n", d.ID, plaintext.Line(w))
		}
	}
	return b.String()
}

func stateWord(d status.Device) string {
	switch {
	case !d.Port.PausedUntil.IsZero():
		return "paused"
	case d.Online:
		return "online"
	}
	return "offline"
}

// ageText returns an age: now, 12s ago, 3m0s ago
func ageText(now, then time.Time) string {
	switch age := now.Sub(then); {
	case then.IsZero():
		return "none yet"
	case age < 2*time.Second:
		return "now"
	case age < time.Hour:
		return age.Truncate(time.Second).String() + " ago"
	default:
		return strings.TrimSuffix(age.Truncate(time.Minute).String(), "0s") + " ago"
	}
}
