package firmware_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"arduino-gateway/simulator/avr"
)

var update = flag.Bool("update", false, "write docs/sizes.md anew")

const (
	sizesDoc = "../../docs/sizes.md"

	// What the library may add on an Uno, in bytes.
	maxFlash = 3500
	maxRAM   = 300

	before = "examples/Migrating/Before/Before.ino"
	after  = "examples/Migrating/After/After.ino"
)

const sizesHead = `# What the library takes of a board

In bytes, as ` + "`avr-size`" + ` counts them in what the compiler of Debian's
` + "`arduino-core-avr`" + ` makes: flash is program and initial values, RAM is all
variables. A test measures anew and compares, and writes this page:

    go test ./firmware/arduino -run TestSizes -update

[Before](../firmware/arduino/examples/Migrating/Before/Before.ino) prints two
readings and takes two commands with nothing but Serial.
[After](../firmware/arduino/examples/Migrating/After/After.ino) does the same with
the library, by which the board describes itself and confirms. On an Uno the
library may add 3500 bytes of flash and 300 of RAM.

| board | | flash | RAM |
|---|---|---|---|
`

var boardNames = map[avr.Board]string{avr.UnoBoard: "Uno", avr.Mega2560: "Mega 2560", avr.Leonardo: "Leonardo"}

// TestSizes holds the library to its budget, and docs/sizes.md to the truth.
func TestSizes(t *testing.T) {
	t.Parallel()
	var page strings.Builder
	page.WriteString(sizesHead)
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
	page.WriteString("\nThe examples on an Uno, which has 32256 bytes of flash and 2048 of RAM:\n\n| example | flash | RAM |\n|---|---|---|\n")
	for _, sketch := range examples(t) {
		size := compile(t, avr.UnoBoard, sketch)
		fmt.Fprintf(&page, "| %s | %d | %d |\n", strings.TrimSuffix(filepath.Base(sketch), ".ino"), size.Flash, size.RAM)
	}
	if *update {
		if err := os.WriteFile(sizesDoc, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if told, err := os.ReadFile(sizesDoc); err != nil || string(told) != page.String() {
		t.Errorf("%s is not what is measured: %v\n%s", sizesDoc, err, page.String())
	}
}

// TestShort: two sensors and two commands take 25 lines.
func TestShort(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(after)
	if err != nil {
		t.Fatal(err)
	}
	if lines := strings.Count(string(text), "\n"); lines > 25 {
		t.Errorf("%s has %d lines", after, lines)
	}
}
