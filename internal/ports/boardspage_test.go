package ports

import (
	"cmp"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/boards.md")

const boardsHead = `# What opening a port does to each board

` + "`go test ./internal/ports -update`" + ` writes this page from
[chips.txt](../internal/ports/chips.txt), which was made by reading, and
[boards.txt](../internal/ports/boards.txt), which ` + "`go generate`" + ` makes from the
boards.txt of the cores of the Arduino IDE. [ports.md](ports.md) explains what the gateway
does about it. The columns:

- **opening**: *resets* if the chip's DTR is usually wired to the reset of the board,
  *nothing* if the board has a USB of its own, *unknown* if no source says it.
- **baud**: *none* if the board has no baud rate and is always opened at 115200, *4800 and
  up* if a slower rate is an order to it, such as to erase its sketch.
- **bootloader**: what the board calls itself while it waits for an upload. The gateway
  does not open such a port.

The cores as of November 2026: arduino/ArduinoCore-avr 1.8.8, -sam, -samd 1.8.14, -megaavr
1.8.8, -renesas 1.5.3 and -mbed 4.6.0, earlephilhower/arduino-pico 6.0.0,
adafruit/ArduinoCore-samd 1.7.17 and Adafruit_nRF52_Arduino 1.7.0, and
sparkfun/Arduino_Boards.

| board | chip | opening | baud | USB | bootloader | source |
|---|---|---|---|---|---|---|
`

// TestBoardsPage compares docs/boards.md with the table, or with -update writes it.
func TestBoardsPage(t *testing.T) {
	const file = "../../docs/boards.md"
	var page strings.Builder
	page.WriteString(boardsHead)
	for line := range strings.Lines(chipsText + boardsText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			page.WriteString(boardsRow(strings.Split(line, "|")))
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != page.String() {
		t.Errorf("docs/boards.md is not the table (hint: go test ./internal/ports -update): %v", err)
	}
}

func boardsRow(columns []string) string {
	for len(columns) < 6 {
		columns = append(columns, "")
	}
	for i := range columns {
		columns[i] = strings.TrimPrefix(strings.TrimSpace(columns[i]), "-")
	}
	kind, slow, _ := strings.Cut(columns[0], " ")
	opening := map[string]string{"bridge": "resets", "native": "nothing", "unknown": "unknown"}[kind]
	baud := "any"
	switch {
	case kind == "native":
		baud = "none"
	case slow != "":
		baud = "4800 and up"
	}
	row := []string{cmp.Or(columns[2], "boards with this chip"), columns[1], opening, baud, columns[4], columns[5], columns[3]}
	return "| " + strings.Join(row, " | ") + " |\n"
}
