package survey

import (
	"slices"
	"strings"

	"arduino-gateway/device"
	"arduino-gateway/internal/lineformat"
)

// Findings are what a board's lines hold.
type Findings struct {
	Kinds    []string // of the lines, in words, in the order in which they came; none where none was understood
	Readings []Found  // in the order in which they came
	Columns  []string // that a header gave the numbers of each line
	Examples []string // of lines that were understood, one for each set of readings, and the header
	Refused  []string // lines that were not
	Numbers  int      // how many numbers without a name stand on a line, at most
}

// Found is a reading with a value that it had.
type Found struct{ Name, Value, Unit string }

// The kinds of lines.
const (
	pairs   = "names and values"
	objects = "JSON objects"
	columns = "numbers under a header"
	numbers = "bare numbers"
)

// mostExamples are enough to see what a sketch is about.
const mostExamples = 4

// Digest reads lines as the gateway will, with format: auto.
func Digest(lines []string) Findings {
	var f Findings
	parser := lineformat.NewParser(lineformat.Options{})
	before := "" // the line before, where it was not understood: perhaps a header
	for _, line := range lines {
		readings, err := parser.Parse([]byte(line))
		if err != nil {
			before = line
			if !slices.Contains(f.Refused, line) {
				f.Refused = append(f.Refused, line)
			}
			continue
		}
		f.take(line, before, readings)
		before = ""
	}
	if f.Numbers > 0 || slices.Contains(f.Columns, "") {
		f.Columns = nil
	}
	return f
}

// take adds a line that was understood.
func (f *Findings) take(line, before string, readings []device.Reading) {
	kind, names := pairs, namesOf(readings)
	switch nameless, isNumbers := numbersIn(line); {
	case strings.HasPrefix(strings.TrimSpace(line), "{"):
		kind = objects
	case isNumbers && slices.Equal(names, nameless):
		kind, f.Numbers = numbers, max(f.Numbers, len(names))
	case isNumbers:
		kind = columns
		f.header(before, names)
	}
	if !slices.Contains(f.Kinds, kind) {
		f.Kinds = append(f.Kinds, kind)
	}
	fresh := false
	for _, r := range readings {
		fresh = f.add(r) || fresh
	}
	if fresh && len(f.Examples) < mostExamples {
		f.Examples = append(f.Examples, line)
	}
}

// header notes the names that a header gave. Where they change, none can be
// written down; an empty name marks that.
func (f *Findings) header(line string, names []string) {
	switch {
	case f.Columns == nil:
		f.Columns = names
		if line != "" {
			f.Examples = append(f.Examples, line)
			f.Refused = slices.DeleteFunc(f.Refused, func(l string) bool { return l == line })
		}
	case !slices.Equal(f.Columns, names):
		f.Columns = []string{""}
	}
}

// add tells whether the reading is a new one.
func (f *Findings) add(r device.Reading) bool {
	i := slices.IndexFunc(f.Readings, func(o Found) bool { return o.Name == r.Name })
	if i < 0 {
		f.Readings = append(f.Readings, Found{r.Name, strings.Clone(r.Value), strings.Clone(r.Unit)})
		return true
	}
	if f.Readings[i].Unit == "" {
		f.Readings[i].Unit = strings.Clone(r.Unit) // "nan" had none
	}
	return false
}

func namesOf(readings []device.Reading) []string {
	names := make([]string, len(readings))
	for i, r := range readings {
		names[i] = r.Name
	}
	return names
}

// numbersIn tells whether a line is nothing but numbers, and how they are called
// without a header.
func numbersIn(line string) (names []string, ok bool) {
	readings, err := lineformat.NewParser(lineformat.Options{Format: device.FormatCSV}).Parse([]byte(line))
	return namesOf(readings), err == nil
}
