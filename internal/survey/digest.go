package survey

import (
	"slices"
	"strings"

	"arduino-gateway/device"
	"arduino-gateway/internal/dryrun"
	"arduino-gateway/internal/lineformat"
)

// Contents are what a board's lines contain.
type Contents struct {
	Kinds    []string  // kinds of the lines, in order of arrival; none if no line was understood
	Readings []Sample  // in order of arrival
	Columns  []string  // names from a header for the numbers of each line
	Examples []string  // understood lines, one for each set of readings, and the header
	Refused  []Refusal // lines that were not understood
	Numbers  int       // the most numbers without a name on one line
}

// Sample is a reading with one of its values.
type Sample struct{ Name, Value, Unit string }

// Refusal is a line that was not understood, and why.
type Refusal struct{ Line, Why string }

// The kinds of lines.
const (
	pairs   = "names and values"
	objects = "JSON objects"
	columns = "numbers under a header"
	numbers = "bare numbers"
)

// mostExamples are enough to see what a sketch prints.
const mostExamples = 4

// Digest parses lines as the gateway does with format: auto.
func Digest(lines []string) Contents {
	var f Contents
	runner := dryrun.New(device.Device{})
	before := "" // the line before, if it was not understood: perhaps a header
	each := func(read dryrun.Line) {
		line := string(read.Text)
		if read.Err == nil {
			f.take(line, before, read.Readings)
			before = ""
			return
		}
		before = line
		if !slices.ContainsFunc(f.Refused, func(r Refusal) bool { return r.Line == line }) {
			f.Refused = append(f.Refused, Refusal{line, read.Err.Error()})
		}
	}
	for _, line := range lines {
		runner.Line([]byte(line), each)
	}
	runner.End(each)
	if f.Numbers > 0 || slices.Contains(f.Columns, "") {
		f.Columns = nil
	}
	return f
}

// take adds a line that was understood.
func (f *Contents) take(line, before string, readings []device.Reading) {
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

// header sets the columns from a header. If headers differ, no columns can be written;
// one empty name marks that.
func (f *Contents) header(line string, names []string) {
	switch {
	case f.Columns == nil:
		f.Columns = names
		if line != "" {
			f.Examples = append(f.Examples, line)
			f.Refused = slices.DeleteFunc(f.Refused, func(r Refusal) bool { return r.Line == line })
		}
	case !slices.Equal(f.Columns, names):
		f.Columns = []string{""}
	}
}

// add adds a reading and reports whether it is new.
func (f *Contents) add(r device.Reading) bool {
	i := slices.IndexFunc(f.Readings, func(o Sample) bool { return o.Name == r.Name })
	if i < 0 {
		f.Readings = append(f.Readings, Sample{r.Name, strings.Clone(r.Value), strings.Clone(r.Unit)})
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

// numbersIn reports whether a line contains only numbers, and their names without a
// header.
func numbersIn(line string) (names []string, ok bool) {
	readings, err := lineformat.NewParser(lineformat.Options{Format: device.FormatCSV}).Parse([]byte(line))
	return namesOf(readings), err == nil
}
