//go:build ignore

// This program writes boards.txt, the table of the boards that the cores of the
// Arduino IDE list. Its arguments are their files boards.txt, each called after
// its core:
//
//	go run boardstable.go ArduinoCore-avr.txt ArduinoCore-samd.txt …
//
// What a core does not say, such as that a board has a chip for its USB, is in
// chips.txt, which comes first. Without it for such a board the program fails.
package main

import (
	"cmp"
	"fmt"
	"log"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

func main() {
	log.SetFlags(0)
	known := known("chips.txt")
	out := "# Made by boardstable.go from the cores' boards.txt. The columns are those of chips.txt.\n"
	for _, file := range os.Args[1:] {
		core := strings.TrimSuffix(filepath.Base(file), ".txt")
		for _, b := range boards(file) {
			if row := b.row(core, known); row != "" {
				out += row + "\n"
			}
		}
	}
	if err := os.WriteFile("boards.txt", []byte(out), 0o644); err != nil {
		log.Fatal(err)
	}
}

// known returns the identities in a table.
func known(file string) map[string]bool {
	text, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	known := map[string]bool{}
	for _, id := range regexp.MustCompile(`\b[0-9a-f]{4}:[0-9a-f]{4}\b`).FindAllString(string(text), -1) {
		known[id] = true
	}
	return known
}

// board is one board of a core: its keys without its name in front.
type board struct {
	id   string
	keys map[string]string
}

// boards reads a file of lines such as
//
//	leonardo.vid.0=0x2341
func boards(file string) (all []*board) {
	text, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	byID := map[string]*board{}
	for line := range strings.Lines(string(text)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		id, key, dotted := strings.Cut(key, ".")
		if !ok || !dotted || strings.HasPrefix(id, "#") || id == "menu" {
			continue
		}
		if byID[id] == nil {
			byID[id] = &board{id, map[string]string{}}
			all = append(all, byID[id])
		}
		byID[id].keys[key] = strings.TrimSpace(value)
	}
	return all
}

var vidKey = regexp.MustCompile(`^(?:build\.)?vid\.\d+$`)

// identities returns each VID:PID of the board.
func (b *board) identities() (ids []string) {
	for _, key := range slices.Sorted(maps.Keys(b.keys)) {
		if vidKey.MatchString(key) {
			ids = append(ids, number(b.keys[key])+":"+number(b.keys[strings.Replace(key, "vid.", "pid.", 1)]))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func number(text string) string {
	return fmt.Sprintf("%04s", strings.ToLower(strings.TrimPrefix(strings.TrimPrefix(text, "0x"), "0X")))
}

// row returns the board's row with what is not known yet; "" if that is nothing.
func (b *board) row(core string, known map[string]bool) string {
	own := b.keys["upload.native_usb"] == "true" || core == "arduino-pico" ||
		b.keys["upload.native_usb"] == "" && b.keys["upload.use_1200bps_touch"] == "true"
	var sketch, bootloader []string
	for _, id := range b.identities() {
		switch {
		case known[id]:
		case !own:
			log.Fatalf("%s: %s (%s) needs a row in chips.txt: the core does not say what its USB is", core, b.id, id)
		case b.isBootloader(id):
			bootloader = append(bootloader, id)
		default:
			sketch = append(sketch, id)
		}
		known[id] = true
	}
	if len(sketch)+len(bootloader) == 0 {
		return ""
	}
	name, chip := b.name(core)
	row := strings.Join([]string{"native", cmp.Or(chip, "-"), name, core, strings.Join(sketch, " "), strings.Join(bootloader, " ")}, " | ")
	return strings.TrimRight(row, " |")
}

// isBootloader reports whether an identity is the one of the board's bootloader: it
// is that of the sketch without the highest bit. Adafruit numbers all sketches from
// 8000 up.
func (b *board) isBootloader(id string) bool {
	if strings.HasPrefix(id, "239a:") {
		return id[5] < '8'
	}
	sketch := number(b.keys["build.vid"]) + ":" + number(b.keys["build.pid"])
	twin := regexp.MustCompile(`:[0-7]`).ReplaceAllStringFunc(id, func(digit string) string {
		return fmt.Sprintf(":%x", digit[1]-'0'+8)
	})
	return sketch[5] >= '8' && twin != id && slices.Contains(b.identities(), twin)
}

var inBrackets = regexp.MustCompile(`^(.*) \((SAMD\d+|nRF\d+|SAMD\d+ USB \w+)\)$`)

// name returns the name of the board, and of its processor if the core says it.
func (b *board) name(core string) (name, chip string) {
	name = b.keys["name"]
	chip = strings.ToUpper(b.keys["build.chip"])
	if m := inBrackets.FindStringSubmatch(name); m != nil {
		name, chip = m[1], m[2]
	}
	if mcu := b.keys["build.mcu"]; strings.HasPrefix(mcu, "atmega") {
		chip = "ATmega" + strings.ToUpper(strings.TrimPrefix(mcu, "atmega"))
	}
	return name, cmp.Or(chip, map[string]string{"ArduinoCore-sam": "SAM3X8E", "ArduinoCore-samd": "SAMD21", "Adafruit_nRF52": "nRF52840", "arduino-pico": "RP2350"}[core])
}
