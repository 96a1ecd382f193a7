package lineformat

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"arduino-gateway/device"
)

var fuzzColumns = []string{"temperature", "humidity", "state"}

var fuzzPattern = regexp.MustCompile(`(?P<T>[^ ]*)[ =]+(?P<H_u_m>.*?)(?:;(?P<rest>.*))?$`)

// parsers returns one parser of each kind, reused as that of a device is.
func parsers() map[string]*Parser {
	all := map[string]*Parser{
		"auto with columns": NewParser(Options{Columns: fuzzColumns}),
		"auto with pattern": NewParser(Options{Pattern: fuzzPattern}),
		"csv with columns":  NewParser(Options{Format: device.FormatCSV, Columns: fuzzColumns}),
	}
	for _, format := range device.Formats {
		all[string(format)] = NewParser(Options{Format: format, Pattern: patternFor(format)})
	}
	return all
}

func patternFor(format device.Format) *regexp.Regexp {
	if format == device.FormatPattern {
		return fuzzPattern
	}
	return nil
}

// mistake returns what is wrong with the answer of a parser to a line, nil if
// nothing is.
func mistake(line string, readings []device.Reading, err error) error {
	if err != nil {
		if errors.Is(err, errBug) || len(readings) > 0 || err.Error() == "" {
			return fmt.Errorf("%d readings and error %q", len(readings), err)
		}
		return nil
	}
	if len(readings) == 0 {
		return fmt.Errorf("neither a reading nor an error")
	}
	line = asText(line)
	seen := map[string]bool{}
	for _, r := range readings {
		if err := soundName(r.Name); err != nil {
			return err
		}
		if seen[r.Name] {
			return fmt.Errorf("the name %q comes twice", r.Name)
		}
		seen[r.Name] = true
		if strings.ContainsFunc(r.Value, control) || !utf8.ValidString(r.Value) {
			return fmt.Errorf("%q: no text for a topic: %q", r.Name, r.Value)
		}
		value := strings.TrimPrefix(r.Value, "-") // may stand apart
		if !strings.Contains(line, value) && !strings.Contains(line, `\`) {
			return fmt.Errorf("%q: the value %q is not on the line", r.Name, r.Value)
		}
		if r.Unit != "" && (!knownUnit(r.Unit) || !isNumber(strings.Replace(r.Value, ",", ".", 1))) {
			return fmt.Errorf("%q: value %q with unit %q", r.Name, r.Value, r.Unit)
		}
	}
	return nil
}

// knownUnit reports whether a unit is in one of the tables.
func knownUnit(unit string) bool {
	for _, known := range spellings {
		if known == unit {
			return true
		}
	}
	_, ok := units[unit]
	return ok
}

// asText reads each byte that is not UTF-8 as Latin-1. What follows has the signs of full
// width as ours.
func asText(line string) string {
	var b strings.Builder
	for i, r := range line {
		if r == utf8.RuneError {
			r = rune(line[i])
		}
		b.WriteRune(r)
	}
	return b.String() + fullWidth.Replace(b.String())
}

func soundName(name string) error {
	if name == "" || name != normal(name) {
		return fmt.Errorf("the name %q is not normal", name)
	}
	for _, r := range name {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return fmt.Errorf("the name %q holds %q", name, r)
		}
	}
	return nil
}

func FuzzParser(f *testing.F) {
	for _, line := range seeds() {
		f.Add(line)
	}
	all := parsers()
	f.Fuzz(func(t *testing.T, lines string) {
		for name, p := range all {
			p.Reset()
			for line := range strings.SplitSeq(lines, "\n") {
				line = line[:min(len(line), MaxLine)] // no Framer returns more
				readings, err := p.Parse([]byte(line))
				if err := mistake(line, readings, err); err != nil {
					t.Errorf("%s: %q: %v", name, line, err)
				}
			}
			if len(p.names) > maxNames {
				t.Errorf("%s: %d names are kept", name, len(p.names))
			}
		}
	})
}

// Against encoding/json: valid JSON is only refused for a reason of ours, and
// what we take is valid JSON or holds a number as sketches print it.
func FuzzJSON(f *testing.F) {
	for _, line := range seeds() {
		f.Add(line)
	}
	ours := regexp.MustCompile(`control character|levels deep|no value on the line|no name in|not UTF-8|not a JSON object`)
	lenient := regexp.MustCompile(`(?i)nan|inf|ovf|\+|\.|0[0-9]|\t`)
	p := NewParser(Options{Format: device.FormatJSON})
	f.Fuzz(func(t *testing.T, line string) {
		_, err := p.Parse([]byte(line))
		if valid := json.Valid([]byte(line)); valid && err != nil && !ours.MatchString(err.Error()) {
			t.Errorf("valid, but: %v", err)
		} else if !valid && err == nil && !lenient.MatchString(line) {
			t.Error("taken, but not valid")
		}
	})
}

func FuzzName(f *testing.F) {
	f.Add("Heat index (°C)")
	f.Add("__Ä__ß9")
	f.Fuzz(func(t *testing.T, raw string) {
		name := normal(raw)
		if name == "" {
			return
		}
		if err := soundName(name); err != nil {
			t.Error(err)
		}
	})
}

func seeds() []string {
	lines := []string{
		"temp=1, temp=2, temp_2=3, temp=4",
		"A 0 A A,0", "@: 5 V (3 A)",
		"a: 1 2 3 b: on c: off",
		"mode=auto run t=3 url=http://x/?a=b:5",
		"==== x ==== : = : 5",
		"1 2,3;4|5\t6",
		"nan;-inf;+ovf;1e5;.5;5.;-.e",
		`{"a":[1,{"b":null,"c":"x\u00e9\"\\"}],"d":nan,"":1}`,
		`{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}}}}}}}}`,
		"T=23.5 °C H=40.0%;x",
		"Größe: 5 m³ Ω=3 kΩ",
		"Temp,Hum\n23,5\n7,8", "a;b;c\n1;2;3\nd;e\n1;2", "Gr\xf6\xdfe: 5 m\xb3", "23.5 \xb0C", "Temp:\t5\tHum:\t6", "RGB\t1\t2", "raw\tred: 5\tgreen: 6", "a!=b c>=5",
		"\xff\xfe\x00", "a\x1b[0m", "\u0085=5", "",
	}
	for _, row := range documented() {
		lines = append(lines, row.line)
	}
	return lines
}
