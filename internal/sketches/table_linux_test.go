package sketches

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// golden shows the lines of a sketch. Below each line it shows the topics and
// their values, or why the line was refused.
func golden(name string, lines []took) string {
	id := strings.ToLower(filepath.Base(name))
	var b strings.Builder
	for _, l := range lines {
		if l.sent != "" {
			fmt.Fprintf(&b, "> %q\n", l.sent)
		}
		fmt.Fprintf(&b, "%s\n", visible(l.line))
		for _, r := range l.readings {
			fmt.Fprintf(&b, "\tdevices/%s/%s %s\n", id, r.Name, strings.TrimSpace(r.Value+" "+r.Unit))
		}
		if l.err != nil {
			fmt.Fprintf(&b, "\trefused: %v\n", l.err)
		}
	}
	return b.String()
}

// visible shows tabs, and bytes that are not UTF-8.
func visible(line string) string {
	if !utf8.ValidString(line) {
		quoted := strconv.Quote(line)
		line = quoted[1 : len(quoted)-1]
	}
	return strings.ReplaceAll(line, "\t", "␉")
}

// about is the head of docs/sketches.md.
const about = `# Examples of the Arduino IDE

` + "`go test ./internal/sketches -update`" + ` writes this page. Each example runs unmodified on a simulated Uno, with 2 V on A0, 1 V on A1, 0.5 V on A2 and 1.53 V on A3. The gateway reads it with ` + "`format: auto`" + ` and the baud rate, and no other setting. The table shows the first line of each sketch that is understood and the first one that is not; [testdata](../internal/sketches/testdata) has all lines. ` + "`␉`" + ` is a tab.

| sketch | line | readings |
|---|---|---|
`

// ours is the head of the second table.
const ours = `
## Other kinds

[Sketches of our own](../internal/sketches/shapes) show what the examples do not: text saved as Latin-1, CSV with its header after a greeting, and lines that end in CR alone or in LF CR.

| sketch | line | readings |
|---|---|---|
`

// table returns docs/sketches.md.
func table(t *testing.T, examples string, results map[string]*[]took) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(about)
	for _, name := range slices.Sorted(maps.Keys(sketches)) {
		writeRows(&b, name, shown(*results[name]), sketches[name].about)
	}
	b.WriteString(ours)
	for _, name := range slices.Sorted(maps.Keys(shapes)) {
		writeRows(&b, name, *results[name], "")
	}
	b.WriteString("\n## Not run\n\n| sketch | why |\n|---|---|\n")
	for _, name := range folders(t, examples) {
		if _, run := sketches[name]; !run {
			fmt.Fprintf(&b, "| %s | %s |\n", filepath.Base(name), why(t, examples, name))
		}
	}
	return b.String()
}

func writeRows(b *strings.Builder, name string, lines []took, about string) {
	for _, l := range lines {
		fmt.Fprintf(b, "| %s | %s | %s%s |\n", filepath.Base(name), cell(visible(l.line)), outcome(l), about)
	}
}

// shown returns the first line that was understood and the first that was not.
func shown(lines []took) (few []took) {
	for _, understood := range []bool{true, false} {
		i := slices.IndexFunc(lines, func(l took) bool { return (l.err == nil) == understood })
		if i >= 0 {
			few = append(few, lines[i])
		}
	}
	return few
}

// cell returns code for a table: a bar would end the cell.
func cell(text string) string { return "`" + strings.ReplaceAll(text, "|", `\|`) + "`" }

func outcome(l took) string {
	if l.err != nil {
		return "refused: " + strings.ReplaceAll(strings.ReplaceAll(l.err.Error(), "|", `\|`), "<", "&lt;")
	}
	parts := make([]string, len(l.readings))
	for i, r := range l.readings {
		parts[i] = r.Name + " " + cell(r.Value)
		if r.Unit != "" {
			parts[i] += " (" + r.Unit + ")"
		}
	}
	return strings.Join(parts, ", ")
}

// folders returns all examples.
func folders(t *testing.T, examples string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examples, "*/*/*.ino"))
	more, _ := filepath.Glob(filepath.Join(examples, "*/*/*/*.ino"))
	if err != nil || len(files) < 70 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range append(files, more...) {
		name, err := filepath.Rel(examples, filepath.Dir(file))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var (
	comments = regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*`)
	prints   = regexp.MustCompile(`(?i)\bSerial1?\.(print|println|write)\(`)
	usb      = regexp.MustCompile(`#include [<"](Keyboard|Mouse)\.h`)
)

// why returns why an example is not run. A sketch that prints must have a
// reason.
func why(t *testing.T, examples, name string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(examples, name, filepath.Base(name)+".ino"))
	if err != nil {
		t.Fatal(err)
	}
	source = comments.ReplaceAll(source, nil)
	switch reason := others[name]; {
	case reason != "":
		return reason
	case usb.Match(source):
		return "needs a board with USB of its own, as a keyboard or a mouse"
	case prints.Match(source):
		t.Errorf("%s prints: run it, or say why not", name)
	}
	return "prints nothing"
}
