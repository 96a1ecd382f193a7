package lineformat

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"arduino-gateway/device"
)

const document = "../../docs/lines.md"

// row is a row of a table in docs/lines.md whose first cell is a line in code.
type row struct {
	line    string
	options Options
	want    string // readings as the document writes them, or the error
	refused bool
}

var codeSpan = regexp.MustCompile("`([^`]*)`")

// documented reads the tables: line | settings | readings, and
// line | settings | error under the heading that begins "Refused".
func documented() []row {
	text, err := os.ReadFile(document)
	if err != nil {
		panic(err)
	}
	var rows []row
	refused := false
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "## ") {
			refused = strings.HasPrefix(line, "## Refused")
		}
		if r, ok := tableRow(line); ok {
			r.refused = refused
			rows = append(rows, r)
		}
	}
	return rows
}

func tableRow(line string) (r row, ok bool) {
	if !strings.HasPrefix(line, "| `") {
		return row{}, false
	}
	line = strings.ReplaceAll(strings.TrimSpace(line), `\|`, "\x00")
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i := range cells {
		cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "\x00", "|")
	}
	if len(cells) != 3 {
		return row{}, false
	}
	text := strings.NewReplacer("␉", "\t", "␛", "\x1b", "␀", "\x00").Replace(strings.Trim(cells[0], "`"))
	return row{line: text, options: settings(cells[1]), want: cells[2]}, true
}

// settings reads keys of devices.yaml in code spans: `format: csv`.
func settings(cell string) (o Options) {
	for _, span := range codeSpan.FindAllStringSubmatch(cell, -1) {
		key, value, _ := strings.Cut(span[1], ": ")
		switch key {
		case "format":
			o.Format = device.Format(value)
		case "decimal":
			o.Decimal = strings.Trim(value, `"`)
		case "columns":
			o.Columns = strings.Split(strings.Trim(value, "[]"), ", ")
		case "pattern":
			o.Pattern = regexp.MustCompile(strings.Trim(value, "'"))
		default:
			panic("unknown setting " + key)
		}
	}
	return o
}

// written shows readings as the document does: `name` value, with the unit in
// brackets.
func written(readings []device.Reading) string {
	var parts []string
	for _, r := range readings {
		part := r.Name + " `" + r.Value + "`"
		if r.Unit != "" {
			part += " (" + r.Unit + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// Each line in docs/lines.md has the readings, or the reason, that the page
// gives.
func TestParser_ReadsTheDocumentedLines(t *testing.T) {
	rows := documented()
	refused := 0
	for _, row := range rows {
		p := NewParser(row.options)
		lines := strings.Split(row.line, "⏎")
		for _, before := range lines[:len(lines)-1] {
			_, _ = p.Parse([]byte(before))
		}
		readings, err := p.Parse([]byte(lines[len(lines)-1]))
		got := written(readings)
		if err != nil {
			got = err.Error()
		}
		if got != row.want || (err != nil) != row.refused {
			t.Errorf("%q\n got %s\nwant %s", row.line, got, row.want)
		}
		if row.refused {
			refused++
		}
	}
	if len(rows) < 50 || refused < 15 {
		t.Errorf("only %d rows, %d of them refused, were read from %s", len(rows), refused, document)
	}
}

// docs/lines.md names each format.
func TestParser_DocumentsEachFormat(t *testing.T) {
	text, _ := os.ReadFile(document)
	for _, format := range device.Formats {
		if !strings.Contains(string(text), "`"+string(format)+"`") {
			t.Errorf("format %s is missing", format)
		}
	}
}

// docs/lines.md lists the same units as the code.
func TestParser_DocumentsEachUnit(t *testing.T) {
	text, _ := os.ReadFile(document)
	_, section, _ := strings.Cut(string(text), "\n## Units\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var listed []string
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "- ") {
			continue
		}
		for _, span := range codeSpan.FindAllStringSubmatch(line, -1) {
			listed = append(listed, span[1])
		}
	}
	if !slices.Equal(listed, Units) {
		t.Errorf("the document lists\n%q\nthe code\n%q", listed, Units)
	}
}
