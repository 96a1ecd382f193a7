package extras_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arduino-gateway/internal/programtest"
	"arduino-gateway/simulator/avr"
)

var update = flag.Bool("update", false, "write docs/sizes.md")

const (
	sizesDoc = "../../../docs/sizes.md"

	// What the library may add on an Uno, in bytes.
	maxFlash = 3500
	maxRAM   = 300

	before = "../examples/Migrating/Before/Before.ino"
	after  = "../examples/Migrating/After/After.ino"
)

const sizesHead = `# Flash and RAM of the library

In bytes, as ` + "`avr-size`" + ` counts them: flash is the program and initial values, RAM is
all variables. A test measures and compares with the figures for its compiler (Debian 12
has avr-gcc 5.4.0, Debian 13 has 14.2.0). To write this page:

    go test ./firmware/arduino/extras -run TestSizes -update

[Before](../firmware/arduino/examples/Migrating/Before/Before.ino) prints two readings
and takes two commands, and uses only Serial.
[After](../firmware/arduino/examples/Migrating/After/After.ino) does the same with the
library. With it the board also describes itself and confirms commands. An Uno has 32256
bytes of flash and 2048 of RAM. There the library may add at most 3500 bytes of flash and
300 of RAM.

On an Uno and a Leonardo, an unused bit of the address of a text says whether it is in flash
or in RAM. A Mega 2560 uses that bit, so the library keeps one more byte for each text there.
`

var boardNames = map[avr.Board]string{avr.UnoBoard: "Uno", avr.Mega2560: "Mega 2560", avr.Leonardo: "Leonardo"}

// TestSizes_StayInBudget holds the library to its budget, and docs/sizes.md to what this
// compiler makes.
func TestSizes_StayInBudget(t *testing.T) {
	t.Parallel()
	version, measured := compiler(t), sizes(t)
	page, err := os.ReadFile(sizesDoc)
	if err != nil {
		t.Fatal(err)
	}
	tables := tablesOf(string(page))
	if *update {
		tables[version] = measured
		if err := os.WriteFile(sizesDoc, []byte(sizesPage(tables)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if sizesPage(tables) != string(page) && !*update {
		t.Errorf("%s is not what this test writes (hint: -update)", sizesDoc)
	}
	if table, known := tables[version]; known && table != measured {
		t.Errorf("%s differs from the sizes with avr-gcc %s (hint: -update):\n%s", sizesDoc, version, measured)
	}
}

func compiler(t *testing.T) (version string) {
	t.Helper()
	out, err := exec.Command(programtest.Find(t, "avr-gcc"), "-dumpversion").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// sizes returns the tables for this compiler, and checks the budget.
func sizes(t *testing.T) string {
	var page strings.Builder
	page.WriteString("| board | | flash | RAM |\n|---|---|---|---|\n")
	for _, board := range boards {
		plain, with := compile(t, board, before), compile(t, board, after)
		flash, ram := with.Flash-plain.Flash, with.RAM-plain.RAM
		fmt.Fprintf(&page, "| %s | Before | %d | %d |\n", boardNames[board], plain.Flash, plain.RAM)
		fmt.Fprintf(&page, "| | After | %d | %d |\n", with.Flash, with.RAM)
		fmt.Fprintf(&page, "| | the library adds | %d | %d |\n", flash, ram)
		if board == avr.UnoBoard && (flash > maxFlash || ram > maxRAM || plain.RAM == 0) {
			t.Errorf("the library adds %d bytes of flash and %d of RAM; %d and %d are allowed", flash, ram, maxFlash, maxRAM)
		}
	}
	page.WriteString("\n| example, on an Uno | flash | RAM |\n|---|---|---|\n")
	for _, sketch := range examples(t) {
		size := compile(t, avr.UnoBoard, sketch)
		fmt.Fprintf(&page, "| %s | %d | %d |\n", strings.TrimSuffix(filepath.Base(sketch), ".ino"), size.Flash, size.RAM)
	}
	return page.String()
}

const tablesHead = "\n## With avr-gcc "

// tablesOf returns the tables of a page by compiler.
func tablesOf(page string) map[string]string {
	tables := map[string]string{}
	for _, part := range strings.Split(page, tablesHead)[1:] {
		version, table, _ := strings.Cut(part, "\n\n")
		tables[version] = table
	}
	return tables
}

func sizesPage(tables map[string]string) string {
	page := sizesHead
	for _, version := range slices.Sorted(maps.Keys(tables)) {
		page += tablesHead + version + "\n\n" + tables[version]
	}
	return page
}

// TestMigrating_AfterIsShort: a sketch with two sensors and two commands has at most 25
// lines.
func TestMigrating_AfterIsShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(after)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 25 {
		t.Errorf("%s has %d lines", after, lines)
	}
}
