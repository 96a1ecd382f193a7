package web

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"arduino-gateway/device"
	"arduino-gateway/internal/monitor"
)

const (
	mostLines = 60  // in one frame: no person reads 600 lines a second
	mostShown = 512 // bytes of a line
)

// linesJSON is the data of the event "lines".
type linesJSON struct {
	Device  string     `json:"device"`
	Earlier bool       `json:"earlier,omitempty"` // the first lines are older than the page
	Skipped uint64     `json:"skipped,omitempty"` // lines left out before these, because there were too many
	Lines   []lineJSON `json:"lines"`
}

type lineJSON struct {
	Time     time.Time      `json:"time"`
	Kind     monitor.Kind   `json:"kind"`
	Text     string         `json:"text"`
	Readings []readingJSON  `json:"readings,omitempty"`
	Withheld []withheldJSON `json:"withheld,omitempty"`
	Error    string         `json:"error,omitempty"`
}

type readingJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Unit  string `json:"unit,omitempty"`
}

type withheldJSON struct {
	readingJSON
	Why string `json:"why"`
}

func linesOf(id string, events []monitor.Event) linesJSON {
	all := linesJSON{Device: id}
	if n := len(events) - mostLines; n > 0 {
		all.Skipped = uint64(n)
		for _, e := range events[:n] {
			all.Skipped += e.Dropped
		}
		events = events[n:]
	}
	for _, e := range events {
		all.Skipped += e.Dropped
		l := lineJSON{Time: e.Time.UTC(), Kind: e.Kind, Text: shown(e.Text), Error: e.Error}
		for _, r := range e.Readings {
			l.Readings = append(l.Readings, readingOf(r))
		}
		l.Withheld = withheldOf(e.Withheld)
		all.Lines = append(all.Lines, l)
	}
	return all
}

func withheldOf(withheld []device.Withheld) (all []withheldJSON) {
	for _, w := range withheld {
		all = append(all, withheldJSON{readingOf(w.Reading), w.Why})
	}
	return all
}

func readingOf(r device.Reading) readingJSON { return readingJSON{r.Name, r.Value, r.Unit} }

// shown returns a line as a person can read it: bytes that are not text as \x08\xff.
func shown(text string) string {
	cut := text
	if len(text) > mostShown {
		cut = text[:mostShown]
		for !utf8.ValidString(cut) && utf8.ValidString(text) {
			cut = cut[:len(cut)-1]
		}
		cut += "…"
	}
	for _, r := range cut {
		if r == utf8.RuneError || r != '\t' && unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			quoted := strconv.QuoteToASCII(cut)
			return quoted[1 : len(quoted)-1]
		}
	}
	return cut
}
