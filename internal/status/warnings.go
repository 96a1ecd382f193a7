package status

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	longWait = time.Minute     // lines that wait longer get a warning
	quiet    = 5 * time.Minute // without a line, for a board without silence:
)

// warn returns the warnings about the gateway itself.
func (g Gateway) warn(now time.Time) []string {
	warnings := []string{}
	add := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	b, others := g.Broker, g.Broker.Problems
	if !b.Connected {
		add("No connection to the broker %s%s Readings are kept on disk.", b.Address, because(b.Problem))
		others = others[min(1, len(others)):]
	}
	for _, problem := range others {
		add("MQTT session of the gateway%s", because(problem))
	}
	if b.Refused > 0 {
		add("%s", putAside(b.Refused, "gateway"))
	}
	s := g.Spool
	if !s.DiskDown.IsZero() {
		add("Nothing could be written to disk for %s. Lines are kept in memory; when it is full, the oldest are dropped.", span(now.Sub(s.DiskDown)))
	}
	if s.Lines > 0 && !s.Oldest.IsZero() && now.Sub(s.Oldest) > longWait {
		add("%s for the broker, the oldest for %s.", lines(s.Lines, "waits", "wait"), span(now.Sub(s.Oldest)))
	}
	if s.Dropped > 0 {
		add("%s lost because the spool was full.", lines(int(s.Dropped), "was", "were"))
	}
	if s.Damaged > 0 {
		add("The spool on disk was damaged in %s, which were skipped.", count(int(s.Damaged), "place", "places"))
	}
	return warnings
}

// warn returns the warnings about a board.
func (d Device) warn(now time.Time) []string {
	warnings := []string{}
	add := func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) }
	d.warnOfPort(now, add)
	d.warnOfSession(add)
	d.warnOfLines(add)
	return warnings
}

// adder adds a warning.
type adder = func(format string, args ...any)

func (d Device) warnOfPort(now time.Time, add adder) {
	switch p := d.Port; {
	case !p.PausedUntil.IsZero():
		add("Paused: other programs can use the port until %s.", p.PausedUntil.Local().Format(time.TimeOnly))
	case p.Problem != "":
		add("%s", sentences(p.Problem))
	case !p.Open:
		add("The port is not open yet.")
	case d.Session.Deaf:
		add("The device accepts commands and stays offline, because the broker has not granted its subscription to them. Readings are published.")
	case !d.Online && d.Silence > 0:
		add("The port is open, but the board has sent nothing%s.", d.silent(now))
	case !d.Online:
		add("The port is open. The board is still booting, or has not identified itself yet.")
	case d.Silence == 0 && !d.LastLine.IsZero() && now.Sub(d.LastLine) > quiet:
		add("No line for %s.", span(now.Sub(d.LastLine)))
	}
}

func (d Device) warnOfSession(add adder) {
	for i, problem := range d.Session.Problems {
		if i == 0 && !d.Session.Connected {
			add("No connection to the broker%s", because(problem))
		} else {
			add("MQTT session%s", because(problem))
		}
	}
	if stuck := d.Session.NotMoving(); stuck != "" {
		add("%s", sentences(stuck))
	}
	if n := d.Session.Refused; n > 0 {
		add("%s", putAside(n, d.ID))
	}
	if n := d.Session.DroppedResults; n > 0 {
		add("%s dropped, because too many waited for the broker.", count(int(n), "result of a command was", "results of commands were"))
	}
}

func (d Device) warnOfLines(add adder) {
	if bad, all := d.Counts.Refused+d.Counts.Overlong, d.Counts.Lines; bad > 0 && bad*5 > all+bad {
		add("%d of %d lines were not understood. gateway monitor %s shows why.", bad, all+bad, d.ID)
	}
	if d.Names != "" {
		add("%s", sentences(d.Names))
	}
	if bad, all := d.Counts.Damaged, d.Counts.Lines; bad*20 > all+bad {
		add("%d of %d lines had a bad checksum. Check the cable, and that the sketch prints only through the library.", bad, all+bad)
	}
	if n := d.Counts.Unprinted; n > 0 {
		add("%s dropped by the board: too long for it, or its port stood still.", lines(int(n), "was", "were"))
	}
	if n := d.Counts.OutOfBounds; n > 0 {
		add("%s out of bounds and not published.", count(int(n), "value was", "values were"))
	}
	if n := d.Waiting.Dropped; n > 0 {
		add("%s lost because the spool was full.", lines(int(n), "was", "were"))
	}
}

// putAside reports messages that the broker does not take.
func putAside(n uint64, name string) string {
	return fmt.Sprintf("%s put aside: the broker does not take such messages. See refused/%s.jsonl below spool.dir.", count(int(n), "message was", "messages were"), name)
}

// silent returns for how long the board has sent nothing.
func (d Device) silent(now time.Time) string {
	if d.LastLine.IsZero() {
		return " yet"
	}
	return " for " + span(now.Sub(d.LastLine))
}

// because completes "No connection to the broker" with the reason and the remedy in
// problem. It omits a repeated "not connected" and the broker's address.
func because(problem string) string {
	problem = strings.TrimPrefix(problem, "not connected: ")
	if rest, ok := strings.CutPrefix(problem, "connect to "); ok && strings.Count(problem, "connect to ") == 1 {
		if _, reason, cut := strings.Cut(rest, ": "); cut {
			problem = reason
		}
	}
	if problem == "" {
		return "."
	}
	reason, remedy := hinted(problem)
	return ": " + reason + "." + remedy
}

// sentences returns a problem as one or two sentences:
//
//	port missing: /dev/ttyUSB9 does not exist (hint: plug the board in, or change its port)
func sentences(problem string) string {
	reason, remedy := hinted(problem)
	return capital(reason) + "." + remedy
}

// hinted splits a problem from its hint, and makes the hint a sentence.
func hinted(problem string) (reason, remedy string) {
	reason, hint, found := CutHint(problem)
	if !found {
		return reason, ""
	}
	remedy = capital(hint)
	if !strings.HasSuffix(remedy, "?") {
		remedy += "."
	}
	return reason, " " + remedy
}

// CutHint splits "what is wrong (hint: what to do)". Without a hint it returns the whole
// text, "", false.
func CutHint(text string) (what, hint string, found bool) {
	const begin = " (hint: "
	at := strings.LastIndex(text, begin)
	if at < 0 || !strings.HasSuffix(text, ")") {
		return text, "", false
	}
	return text[:at], text[at+len(begin) : len(text)-1], true
}

// capital returns text with a capital letter, unless the first word is a command or a
// key.
func capital(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if text == "" || strings.ContainsAny(word, "._:/=-") || slices.Contains([]string{"sudo", "newgrp", "gateway", "baud"}, word) {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func lines(n int, one, many string) string { return count(n, "line "+one, "lines "+many) }

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// span formats a duration for people: 45 s, 12 min, 3 h, 2 days.
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
