package lineformat

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"arduino-gateway/device"
)

// dialogue returns the result of each line, "-" for a refused one.
func dialogue(p *Parser, lines ...string) (said []string) {
	for _, line := range lines {
		readings, err := p.Parse([]byte(line))
		if err != nil {
			said = append(said, "-")
			continue
		}
		said = append(said, strings.ReplaceAll(written(readings), "`", ""))
	}
	return said
}

// A header names the numbers of the lines after it, and a greeting does not.
func TestParser_LearnsAHeader(t *testing.T) {
	for name, c := range map[string]struct{ lines, want []string }{
		"names the numbers behind it": {
			[]string{"time,Temp (C)", "0,23.5", "1,23.6"},
			[]string{"-", "time 0, temp_c 23.5", "time 1, temp_c 23.6"}},
		"tabs, and units behind the numbers": {
			[]string{"Temp\tHum\t", "23.5 C\t40 %\t"},
			[]string{"-", "temp 23.5 (C), hum 40 (%)"}},
		"quotes and a comment sign": {
			[]string{`# "t"; "h"`, "1; 2"},
			[]string{"-", "t 1, h 2"}},
		"another header takes over": {
			[]string{"a,b", "1,2", "c,d,e", "3,4,5"},
			[]string{"-", "a 1, b 2", "-", "c 3, d 4, e 5"}},
		"the same header again changes nothing": {
			[]string{"a,b", "1,2", "a,b", "3,4"},
			[]string{"-", "a 1, b 2", "-", "a 3, b 4"}},
		"an empty line may stand between": {
			[]string{"a,b", "  ", "1,2"},
			[]string{"-", "-", "a 1, b 2"}},
		"garbage may stand between": {
			[]string{"a,b", "\xff\x00", "1,2"},
			[]string{"-", "-", "a 1, b 2"}},
		"a greeting is none": {
			[]string{"Hello, world", "511", "1,2"},
			[]string{"-", "value 511", "value_1 1, value_2 2"}},
		"nor before other talk": {
			[]string{"Hello, world", "sensor ready", "1,2"},
			[]string{"-", "-", "value_1 1, value_2 2"}},
		"nor before a pair": {
			[]string{"Hello, world", "t=5", "1,2"},
			[]string{"-", "t 5", "value_1 1, value_2 2"}},
		"nor with another sign between": {
			[]string{"Hello, world", "1\t2", "1,2"},
			[]string{"-", "value_1 1, value_2 2", "value_1 1, value_2 2"}},
		"nor a sentence": {
			[]string{"Hello, world!", "1,2"},
			[]string{"-", "value_1 1, value_2 2"}},
		"nor words": {
			[]string{"temp hum", "1 2"},
			[]string{"-", "value_1 1, value_2 2"}},
		"nor one word": {
			[]string{"ready", "1"},
			[]string{"-", "value 1"}},
		"nor one name twice": {
			[]string{"Error, error", "1,2"},
			[]string{"-", "value_1 1, value_2 2"}},
		"nor values": {
			[]string{"x,nan", "1,2", "on,off", "1,2"},
			[]string{"-", "value_1 1, value_2 2", "-", "value_1 1, value_2 2"}},
		"a line that lost a value gets no wrong name": {
			[]string{"a,b,c", "1,2,3", "1,23", "4,5,6"},
			[]string{"-", "a 1, b 2, c 3", "-", "a 4, b 5, c 6"}},
		"talk of as many words takes nothing over": {
			[]string{"a,b", "1,2", "Hello, world", "ready", "1,2"},
			[]string{"-", "a 1, b 2", "-", "-", "a 1, b 2"}},
		"pairs pass by": {
			[]string{"a,b", "1,2", "x=5", "1,2"},
			[]string{"-", "a 1, b 2", "x 5", "a 1, b 2"}},
	} {
		for _, format := range []device.Format{device.FormatAuto, device.FormatCSV} {
			if format == device.FormatCSV && strings.Contains(strings.Join(c.lines, ""), "=") {
				continue // its lines are not for csv
			}
			if got := dialogue(NewParser(Options{Format: format}), c.lines...); !slices.Equal(got, c.want) {
				t.Errorf("%s, %s:\n got %q\nwant %q", name, format, got, c.want)
			}
		}
	}
}

// After Reset the numbers have no names.
func TestParser_ResetForgetsTheHeader(t *testing.T) {
	p := NewParser(Options{})
	dialogue(p, "a,b", "1,2")
	p.Reset()
	if got := dialogue(p, "1,2"); got[0] != "value_1 1, value_2 2" {
		t.Error(got)
	}
	dialogue(p, "a,b")
	p.Reset() // half of what followed may be lost
	if got := dialogue(p, "1,2"); got[0] != "value_1 1, value_2 2" {
		t.Error(got)
	}
}

// A header does not replace the configured columns.
func TestParser_KeepsColumnsDespiteAHeader(t *testing.T) {
	p := NewParser(Options{Columns: []string{"t", "h"}})
	if got := dialogue(p, "a,b", "1,2"); got[1] != "t 1, h 2" {
		t.Error(got)
	}
}

// The error of a repeated header wraps ErrHeader, so that it is not counted as
// a mistake.
func TestParser_DoesNotBlameAHeader(t *testing.T) {
	learnt := NewParser(Options{})
	dialogue(learnt, "Temp,Hum", "1,2")
	for name, p := range map[string]*Parser{
		"learnt": learnt,
		"auto":   NewParser(Options{Columns: []string{"temp", "hum"}}),
		"csv":    NewParser(Options{Format: device.FormatCSV, Columns: []string{"temp", "hum"}}),
	} {
		if _, err := p.Parse([]byte("Temp,Hum")); !errors.Is(err, device.ErrHeader) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := p.Parse([]byte("Hello")); err == nil || errors.Is(err, device.ErrHeader) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
