package lineformat

import (
	"bytes"
	"os"
	"testing"

	"arduino-gateway/device"
)

// Plausible Latin-1 is decoded, and garbage is refused.
func TestParser_DecodesLatin1(t *testing.T) {
	for line, want := range map[string]string{
		"23.5 \xb0C":                       "value `23.5` (°C)",
		"5\xb0":                            "value `5` (°)",
		"\xb0 5":                           "refused: not a JSON object, pairs or numbers: \"° 5\"",
		"Temp: 23.50\xb0C Feuchte: 40.00%": "temp `23.50` (°C), feuchte `40.00` (%)",
		"Gr\xf6\xdfe = 5 m\xb3":            "größe `5` (m³)",
		"\xc9tat de la s\xe9rie \xe0 c\xf4t\xe9: 1": "état_de_la_série_à_côté `1`",
		"8 \xb5g/m\xb3": "value `8` (µg/m³)",
		"a=\xb15":       "a `±5`",
		`{"ta` + "\xe9" + `":"caf` + "\xe9" + `"}`: "taé `café`",

		"\xe9tat=\xe9teint":        "état `éteint`",
		"t\xe9l\xe9: 5 (\xe9crit)": "télé `5`",

		// UTF-8 and Latin-1 on one line, as one file included in another prints them
		"t=5 °C, h=5 m\xb3": "t `5` (°C), h `5` (m³)",

		// garbage of a wrong rate
		"\xe9\xf8\xe0\xfe":        "refused: byte 1 (0xe9) is neither UTF-8 nor Latin-1 text (hint: check baud)",
		"a=\xf8":                  "refused: byte 3 (0xf8) is neither UTF-8 nor Latin-1 text (hint: check baud)",
		"5\xe6a":                  "refused: byte 2 (0xe6) is neither UTF-8 nor Latin-1 text (hint: check baud)",
		"5\xe6":                   "refused: byte 2 (0xe6) is neither UTF-8 nor Latin-1 text (hint: check baud)",
		"\xf0\x9f=5":              "refused: byte 1 (0xf0) is neither UTF-8 nor Latin-1 text (hint: check baud)",
		"temperature=23.5 \x80C":  "refused: byte 18 (0x80) is neither UTF-8 nor Latin-1 text (hint: check baud)",
		"temperature=2\xd73.5":    "refused: byte 14 (0xd7) is neither UTF-8 nor Latin-1 text (hint: check baud)",
		"temp\xe9rature\x00=23.5": "refused: control character U+0000 within the line",
	} {
		if got := parse(Options{}, line); got != want {
			t.Errorf("%q\n got %s\nwant %s", line, got, want)
		}
	}
}

// The format text decodes Latin-1 too.
func TestParser_DecodesLatin1Text(t *testing.T) {
	if got := parse(Options{Format: device.FormatText}, "il fait tr\xe8s chaud"); got != "line `il fait très chaud`" {
		t.Error(got)
	}
}

// This is what a board at 115200 baud sends to a reader at 57600, captured
// from a simulated Uno. A short line of it may be text by chance, such as
// "jy"; that is not Latin-1.
func TestParser_RefusesGarbage(t *testing.T) {
	garbage, err := os.ReadFile("testdata/115200-read-at-57600")
	if err != nil {
		t.Fatal(err)
	}
	foreign := 0
	NewFramer(0).Feed(garbage, func(line []byte) {
		if isASCII(line) {
			return
		}
		foreign++
		for name, p := range parsers() {
			if readings, err := p.Parse(line); err == nil {
				t.Errorf("%s takes %q for %s", name, line, written(readings))
			}
		}
	})
	if foreign < 50 {
		t.Errorf("only %d lines of garbage", foreign)
	}
}

func isASCII(line []byte) bool {
	return !bytes.ContainsFunc(line, func(r rune) bool { return r >= 0x80 })
}
