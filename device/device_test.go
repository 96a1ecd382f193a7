package device

import (
	"slices"
	"strings"
	"testing"
)

func TestLineEndingBytes(t *testing.T) {
	var got []string
	for _, ending := range LineEndings {
		got = append(got, ending.Bytes())
	}
	if want := []string{"\n", "\r\n", "\r", ""}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := LineEnding("").Bytes(); got != "\n" {
		t.Errorf("without a setting: %q, want LF", got)
	}
}

// A queue's bound in bytes is only as good as Size: it must not be below what
// the values, parts of one text, keep in memory.
func TestLineSize(t *testing.T) {
	text := strings.Repeat("long_name=1,", 50)
	var l Line
	for pair := range strings.SplitSeq(strings.Trim(text, ","), ",") {
		name, value, _ := strings.Cut(pair, "=")
		l.Readings = append(l.Readings, Reading{Name: name, Value: value, Unit: "°C"})
	}
	const header = 48 // three strings
	if got, least := l.Size(), len(text)+50*header; got < least || got > 2*least {
		t.Errorf("Size() = %d, the line holds %d bytes", got, least)
	}
	if got := (Line{}).Size(); got <= 0 {
		t.Errorf("an empty line has size %d; a bound would not hold it", got)
	}
}
