package ports

import (
	_ "embed"
	"strings"
	"sync"
)

// The table of chips: what was found out by reading, and what the cores say. The
// cores' boards.txt are not part of this repository; their folder is in $CORES.
//
//go:generate sh -c "go run boardstable.go $CORES/*.txt"
var (
	//go:embed chips.txt
	chipsText string
	//go:embed boards.txt
	boardsText string
)

// chips maps vendor and product to chips.
var chips = sync.OnceValue(func() map[string]Chip {
	table := map[string]Chip{}
	for line := range strings.Lines(chipsText + boardsText) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			addRow(table, line)
		}
	}
	return table
})

// addRow adds a row such as
//
//	native | SAMD21 | Arduino MKR1000 | ArduinoCore-samd | 2341:804e | 2341:004e
func addRow(table map[string]Chip, row string) {
	columns := make([]string, 6)
	for i, column := range strings.SplitN(row, "|", len(columns)) {
		if columns[i] = strings.TrimSpace(column); columns[i] == "-" {
			columns[i] = ""
		}
	}
	kind, slow, _ := strings.Cut(columns[0], " ")
	chip := Chip{Kind: kinds[kind], SlowIsOrder: slow != "", Name: columns[1], Board: columns[2], Source: columns[3]}
	for _, id := range strings.Fields(columns[4]) {
		table[id] = chip
	}
	chip.Bootloader = true
	for _, id := range strings.Fields(columns[5]) {
		table[id] = chip
	}
}

var kinds = map[string]Kind{"unknown": Unknown, "bridge": Bridge, "native": Native}
