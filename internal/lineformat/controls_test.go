package lineformat

import (
	"regexp"
	"strings"
	"testing"

	"arduino-gateway/device"
)

// Colours, and control characters at the ends, are no part of a line in any format.
func TestParser_RemovesControls(t *testing.T) {
	scale := regexp.MustCompile(`^(?P<weight>[+-][0-9.]+ kg)$`)
	for _, c := range []struct {
		options    Options
		line, want string
	}{
		{Options{}, "\x1b[32mTemperature: 23.5\x1b[0m", "temperature `23.5`"},
		{Options{}, "\x1b[1;31mT=\x1b[0m23.5", "t `23.5`"},
		{Options{}, "temperature=23.5\x00", "temperature `23.5`"},
		{Options{}, "\x00\x00 temperature=23.5 \x00\x00", "temperature `23.5`"},
		{Options{}, "\x1b[2J\x1b[HT=23.5\x1b[K", "t `23.5`"},
		{Options{}, "\x1b[0mT: 23.5 \xb0C\x07", "t `23.5` (°C)"},
		{Options{}, "\x0223.5,40\x03", "value_1 `23.5`, value_2 `40`"},
		{Options{Format: device.FormatJSON}, "\x02{\"t\":1}\x03", "t `1`"},
		{Options{Format: device.FormatCSV, Columns: []string{"t", "state"}}, "\x0223.5,ok\x03", "t `23.5`, state `ok`"},
		{Options{Format: device.FormatText}, "\x02+012.34 kg\x03", "line `+012.34 kg`"},
		{Options{Format: device.FormatPattern, Pattern: scale}, "\x02+012.34 kg\x03", "weight `+012.34` (kg)"},
		{Options{Format: device.FormatText}, "\x1b[32m\x1b[0m", "refused: only control characters"},
		{Options{}, "\x00", "refused: only control characters"},
		{Options{}, "T=2\x003", "refused: control character U+0000 within the line"},
		{Options{}, "T=\x1b[2J3", "refused: control character U+001B within the line"},
	} {
		if got := parse(c.options, c.line); !strings.HasPrefix(got, c.want) {
			t.Errorf("%q: got %s, want %s", c.line, got, c.want)
		}
	}
}

// What is removed is control characters and blanks, and nothing else is.
func FuzzControls(f *testing.F) {
	for _, line := range []string{"\x1b[32mT=1\x1b[0m", "\x02 a\x03 ", "\x1b[", "\x00\xb0\x00", " \u0085 \t"} {
		f.Add(line)
	}
	p := NewParser(Options{})
	sequences := regexp.MustCompile("\x1b\\[[\x20-\x3f]*[\x40-\x7e]")
	f.Fuzz(func(t *testing.T, line string) {
		rest := p.withoutControls(line)
		if controlAt(rest) > 0 || rest != "" && controlAt(rest[len(rest)-1:]) > 0 {
			t.Errorf("%q still begins or ends with a control character: %q", line, rest)
		}
		printed := func(s string) string {
			return strings.Map(func(r rune) rune {
				if control(r) || r == ' ' || r == '\t' {
					return -1
				}
				return r
			}, sequences.ReplaceAllString(s, ""))
		}
		if got, want := printed(rest), printed(line); got != want {
			t.Errorf("%q became %q", line, rest)
		}
	})
}
