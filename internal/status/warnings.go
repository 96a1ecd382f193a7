package status

import (
	"fmt"
	"strings"
	"time"
)

const (
	longWait = time.Minute     // lines that wait longer are worth a word
	quiet    = 5 * time.Minute // without a line, where the board has no silence of its own
)

// warn says in words what a person should know of the gateway as a whole.
func (g Gateway) warn(now time.Time) []string {
	said := []string{}
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	if b := g.Broker; !b.Connected {
		say("The broker %s is away%s. Readings wait on disk meanwhile.", b.Address, because(b.Problem))
	}
	s := g.Spool
	if !s.DiskDown.IsZero() {
		say("The disk has taken nothing for %s: the newest lines wait in memory and the oldest of them go.", span(now.Sub(s.DiskDown)))
	}
	if s.Lines > 0 && !s.Oldest.IsZero() && now.Sub(s.Oldest) > longWait {
		say("%s for the broker, the oldest for %s.", lines(s.Lines, "waits", "wait"), span(now.Sub(s.Oldest)))
	}
	if s.Dropped > 0 {
		say("%s lost, for the spool was full.", lines(int(s.Dropped), "was", "were"))
	}
	if s.Damaged > 0 {
		say("%d places of the spool on disk were damaged and passed over.", s.Damaged)
	}
	return said
}

// warn says in words what a person should know of a board.
func (d Device) warn(now time.Time) []string {
	said := []string{}
	say := func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	switch p := d.Port; {
	case !p.PausedUntil.IsZero():
		say("Paused: the port is free for others until %s.", p.PausedUntil.Local().Format(time.TimeOnly))
	case p.Problem != "":
		say("%s.", capital(p.Problem))
	case !p.Open:
		say("The port is not open yet.")
	case !d.Online && d.Silence > 0:
		say("The port is open, but the board is silent%s.", d.silent(now))
	case !d.Online:
		say("The port is open, but the board is still booting, or has yet to say who it is.")
	case d.Silence == 0 && !d.LastLine.IsZero() && now.Sub(d.LastLine) > quiet:
		say("No line for %s.", span(now.Sub(d.LastLine)))
	}
	if !d.Session.Connected && d.Session.Problem != "" {
		say("Not connected to the broker%s.", because(d.Session.Problem))
	}
	if d.Session.Connected && d.Session.Problem != "" {
		say("Its MQTT session is not well: %s.", d.Session.Problem)
	}
	if bad, all := d.Counts.Refused+d.Counts.Overlong, d.Counts.Lines; bad > 0 && bad*5 > all+bad {
		say("%d of %d lines were not understood: is the baud rate %d right?", bad, all+bad, d.Port.Baud)
	}
	if bad, all := d.Counts.Damaged, d.Counts.Lines; bad*20 > all+bad {
		say("%d of %d lines had no right checksum: is the cable bad, or does the sketch print past the library?", bad, all+bad)
	}
	if n := d.Counts.OutOfBounds; n > 0 {
		say("%s out of bounds, and not published.", count(int(n), "value was", "values were"))
	}
	if n := d.Waiting.Dropped; n > 0 {
		say("%s lost, for the spool was full.", lines(int(n), "was", "were"))
	}
	return said
}

// silent goes on from it.
func (d Device) silent(now time.Time) string {
	if d.LastLine.IsZero() {
		return ": no line yet"
	}
	return " for " + span(now.Sub(d.LastLine))
}

// capital begins a sentence.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func because(problem string) string {
	if problem == "" {
		return ""
	}
	return ": " + problem
}

func lines(n int, one, many string) string { return count(n, "line "+one, "lines "+many) }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// span is a time that a person reads: 45 s, 12 min, 3 h, 2 days.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, d/time.Second))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	}
	return fmt.Sprintf("%d days", d/(24*time.Hour))
}
