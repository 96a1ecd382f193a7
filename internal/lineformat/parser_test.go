package lineformat

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"arduino-gateway/device"
)

// parse returns the readings as the document writes them, or "refused: why".
func parse(o Options, line string) string {
	readings, err := NewParser(o).Parse([]byte(line))
	if err != nil {
		return "refused: " + err.Error()
	}
	return written(readings)
}

// These are lines for which docs/lines.md has no room.
func TestParser_ReadsAuto(t *testing.T) {
	for line, want := range map[string]string{
		// names
		"a=1 a=2 a_2=3":           "a `1`, a_2 `2`, a_2_2 `3`",
		"a_2=1,a=2,a=3":           "a_2 `1`, a `2`, a_3 `3`",
		"a=1,a=2,a=3,A=4":         "a `1`, a_2 `2`, a_3 `3`, a_4 `4`",
		"--Temp. (in)-- = 5":      "temp_in `5`",
		`"temp": 23, "hum": 40`:   "temp `23`, hum `40`",
		"0: 511 1: 512":           "0 `511`, 1 `512`",
		"ÄÖ=1":                    "äö `1`",
		"2nd temp: 23":            "2nd_temp `23`",
		"12V rail: 11.9":          "12v_rail `11.9`",
		"-=5":                     `refused: no name before "-=5"`,
		"23.5 hum=40":             `refused: "23.5" has no name`,
		"Time 12:30":              `refused: "Time 12:30" looks like a time of day, not a name and a number`,
		"1:5":                     `refused: "1:5" looks like a time of day, not a name and a number`,
		"x1:5":                    "x1 `5`",
		"ch 1: 5 2: 6 unit: 3 cm": "ch_1 `5`, 2 `6`, unit `3` (cm)",

		// tabs
		"Temp:\t\t23.5 C \tHum =\t40": "temp `23.5` (C), hum `40`",
		"mode=auto t:\t5":             "mode `auto`, t `5`",
		"mode=\tauto\tt=\t5":          "mode `auto`, t `5`",
		"a=\tb=5":                     "b `5`",
		"a:\tb:5":                     "b `5`",
		"Temp\t23.5\tHum":             `refused: after "Hum": no value`,
		"Temp\t23.5\tHum\tdry":        "temp `23.5`, hum `dry`",
		"RGB\t1\t2\tLED\ton":          "rgb `1`, rgb_2 `2`, led `on`",
		"Version\tone":                "refused: only names: version, one (they name the numbers of the next line if it has 2)",
		"raw\t red: 5\tred: 6\tx":     "raw_red `5`, raw_red_2 `6`",
		"raw (1)\tred=5,red=6":        "raw_1_red `5`, raw_1_red_2 `6`",
		"Hello world, friend\tred: 5": "red `5`",

		// after a colon
		"a: 1,,b:2,":             "a `1`, b `2`",
		"accel: 1 2 3 x: 4":      "accel `1`, accel_2 `2`, accel_3 `3`, x `4`",
		"T: 5 C: 3":              "t `5`, c `3`",
		"T: 5 C C: 3":            "t `5` (C), c `3`",
		"a:1 b=x y c:2":          "a `1`, b `x y`, c `2`",
		"MAC: 5C:CF:7F:01:02:03": `refused: after "MAC:": "5C:CF:7F:01:02:03" is not a number, on, off, true or false`,
		"a:one":                  `refused: after "a:": "one" is not a number, on, off, true or false`,
		"a:0x1F":                 `refused: after "a:": "0x1F" is not a number, on, off, true or false`,
		"a:23.5 apples":          "a `23.5`",
		"a:on fire":              `refused: after "a:": "on fire" is not a number, on, off, true or false`,
		"a:on, 5":                "a `on`",
		"std::x:5":               `refused: after "std:": ":x:5" is not a number, on, off, true or false`,
		"DHT: temp=5":            "dht_temp `5`",
		"x:1,y:2,z:":             "x `1`, y `2`",

		// after an equals sign
		"temp=23.5 hum: 40":   "temp `23.5`, hum `40`",
		"mode=auto t:3":       "mode `auto`, t `3`",
		"x=5 at 12:30":        "x `5 at 12:30`",
		"x=5 apples":          "x `5`",
		"x=5 V y=3":           "x `5` (V), y `3`",
		"x=5 V=3":             "x `5`, v `3`",
		"accel=1 2 3":         "accel `1 2 3`",
		"key=YWJj==":          "key `YWJj==`",
		"a=b=c":               "a `b=c`",
		"id=FA23B9":           "id `FA23B9`",
		"id=0C,n=1234F,t=23C": "id `0C`, n `1234F`, t `23` (C)",
		"mode=auto, 5":        "mode `auto`",
		"a= , 5":              `refused: "5" has no name`,
		"rgb=12,34,56":        "rgb `12`, rgb_2 `34`, rgb_3 `56`",
		"x == 5":              `refused: "x == 5" is not a pair`,

		// numbers and units
		"40%":                    "value `40` (%)",
		"40 %RH":                 "value `40` (%RH)",
		"40 % RH":                "value `40` (% RH)",
		"23 deg C":               "value `23` (deg C)",
		"23 deg":                 "value `23` (deg)",
		"nan%":                   "value `nan` (%)",
		"-inf":                   "value `-inf`",
		"5.":                     "value `5.`",
		".5":                     "value `.5`",
		"1e5":                    "value `1e5`",
		"1 m 2 s":                "value_1 `1` (m), value_2 `2` (s)",
		"1|2":                    "value_1 `1`, value_2 `2`",
		"  7 \t":                 "value `7`",
		"23.5  C":                "value `23.5` (C)",
		"1e":                     `refused: value 1 is not a number: "1e"`,
		"nans":                   `refused: value 1 is not a number: "nans"`,
		"info":                   `refused: value 1 is not a number: "info"`,
		"-":                      `refused: not a JSON object, pairs or numbers: "-"`,
		",1":                     `refused: not a JSON object, pairs or numbers: ",1"`,
		" ":                      "refused: no value on the line",
		"":                       "refused: no value on the line",
		strings.Repeat("é", 300): `refused: not a JSON object, pairs or numbers: "` + strings.Repeat("é", 20) + `…"`,

		// JSON
		`{"a":{"b":[{"c":1},2]}}`:             "a_b_1_c `1`, a_b_2 `2`",
		`{"a":{"":1},"A":-0.0e+1}`:            "a `1`, a_2 `-0.0e+1`",
		` { "a" : "23.5 °C" , "b":{},"c":[]}`: "a `23.5 °C`",
		`{"a":"\ud83d\ude00 \\ \""}`:          "a `😀 \\ \"`",
		`{}`:                                  "refused: no value on the line",
		`{"a":null}`:                          "refused: no value on the line",
		`{"":1}`:                              `refused: no name in ""`,
		`{"a":1} x`:                           `refused: JSON byte 9: expected the end of the line, not "x"`,
		`{"a":1,}`:                            `refused: JSON byte 8: expected a name in quotes, not "}"`,
		`{a:1}`:                               `refused: JSON byte 2: expected a name in quotes, not "a:1}"`,
		`{"a" 1}`:                             `refused: JSON byte 6: expected ":", not "1}"`,
		`{"a":1 2}`:                           `refused: JSON byte 8: expected "," or "}", not "2}"`,
		`{"a":[1 2]}`:                         `refused: JSON byte 9: expected "," or "]", not "2]}"`,
		`{"a":nulls}`:                         `refused: JSON byte 10: expected "," or "}", not "s}"`,
		`{"a":"b}`:                            "refused: JSON ends within a string",
		`{"a`:                                 "refused: JSON ends within a string",
		`{"a":"\u0000"}`:                      `refused: "a" contains a control character`,
		`{"a":"\x"}`:                          `refused: JSON string "\x": invalid character 'x' in string escape code`,
		`{"a":` + strings.Repeat("[", 20):     `refused: JSON byte 21: more than 16 levels deep`,

		// bytes
		"a\rb=1":      "refused: control character U+000D within the line",
		"a=\u0085b":   "refused: control character U+0085 within the line",
		"a=\x7fb":     "refused: control character U+007F within the line",
		"\x00\xff=23": "refused: byte 1 (0xff) is neither UTF-8 nor Latin-1 text (hint: check baud)",
	} {
		if got := parse(Options{}, line); got != want {
			t.Errorf("%q\n got %s\nwant %s", line, got, want)
		}
	}
}

// A mistake of ours in reading a line costs that line, and not the process.
func TestParser_Survives(t *testing.T) {
	p := NewParser(Options{})
	p.names = nil // a map that cannot be written to
	if readings, err := p.Parse([]byte("t=1")); !errors.Is(err, errBug) || readings != nil {
		t.Errorf("%v, %v", readings, err)
	}
}

// What remains is counted and shown.
func TestParser_SaysWhatIsLeft(t *testing.T) {
	for line, want := range map[string]string{
		"a=1, hello":        `"hello" has no name`,
		"Temp: 23.5 C (ok)": `after "Temp:": "(ok)" is not a number, on, off, true or false`,
		"t=1 x: fast":       `after "t=": "x: fast" is not a number, on, off, true or false`,
		"t=1, 12:30":        `"12:30" looks like a time of day, not a name and a number`,
		"t=1, x == 5":       `"x == 5" is not a pair`,
		"B:28.00, @:127":    `no name before "@:127"`,
		"t=1, a:":           `after "a:": no value`,
		"23.5C (74.3F)":     `"(74.3F)" has no name`,
		"t=1,h=2":           "<nil>",
		"[12:30:01] t: 1":   "<nil>",
		"DATA: {\"t\":1}":   "<nil>",
	} {
		p := NewParser(Options{})
		if readings, err := p.Parse([]byte(line)); err != nil || len(readings) == 0 {
			t.Errorf("%q: %v, %v", line, readings, err)
		}
		if got := fmt.Sprint(p.Left()); got != want {
			t.Errorf("%q leaves %s, want %s", line, got, want)
		}
	}
}

// A name stays with its unit on later lines.
func TestParser_KeepsTwoQuantitiesApart(t *testing.T) {
	for _, lines := range [][]string{
		{"Ambient = 23.50*C\tObject = 31.20*C", "ambient `23.50` (*C), object `31.20` (*C)",
			"Ambient = 74.30*F\tObject = 88.16*F", "ambient_2 `74.30` (*F), object_2 `88.16` (*F)",
			"Ambient = 23.60 °C\tObject = nan", "ambient `23.60` (°C), object `nan`"},
		{"123.45 cm", "value `123.45` (cm)", "255", "value_2 `255`", "64.20 cm", "value `64.20` (cm)", "3 V", "value_3 `3` (V)"},
		{"a: 1 V 2 A", "a `1` (V), a_2 `2` (A)", "a: 3 A", "a_2 `3` (A)", "a: 4 V 5 A", "a `4` (V), a_2 `5` (A)"},
	} {
		p := NewParser(Options{})
		for i := 0; i < len(lines); i += 2 {
			readings, err := p.Parse([]byte(lines[i]))
			if got := written(readings); err != nil || got != lines[i+1] {
				t.Errorf("%q\n got %s, %v\nwant %s", lines[i], got, err, lines[i+1])
			}
		}
	}
}

// Whatever a board prints, names are not made of its data: 1,000 lines with running
// numbers in all places have few.
func TestParser_MakesNoNamesOfData(t *testing.T) {
	for _, format := range []string{
		"[ %d ms ] IR: 123", "Packet %d RSSI: -67", "%d: 23.5", "I (%d) TEMP: 23.5", "%08x:  00000000", "%d temp: 23.5",
		"T:%d.26 /200.00 B:28.00 /60.00 @:%d B@:64", "level=%d of 100 temp=3", "T=23.5 (%d) H=40", "msg #%d temp=3", "Sample %d: 4",
		"26Y 11M 30D 12H 30M %dS  (24h) T=23.50", "rom = 28 FF %x 1E F 14 2 5F", "12:30:%02d temp=1", "[%d] Connecting to blynk.cloud:80",
	} {
		p, names := NewParser(Options{}), map[string]bool{}
		for i := range 1000 {
			n := 1000 + i
			readings, _ := p.Parse([]byte(fmt.Sprintf(strings.ReplaceAll(format, "%d", "%[1]d"), n)))
			for _, r := range readings {
				names[r.Name] = true
			}
		}
		if len(names) > 4 {
			t.Errorf("%q makes %d names", format, len(names))
		}
	}
}

// Each format refuses the lines of the others.
func TestParser_ReadsEachFormat(t *testing.T) {
	columns := []string{"T in", "hum", "t_in"}
	pattern := regexp.MustCompile(`(?P<a>x)?(?P<b>y*)(?P<_>.)`)
	for _, c := range []struct {
		options    Options
		line, want string
	}{
		{Options{Format: device.FormatCSV, Columns: columns}, "1\t2\t3 C", "t_in `1`, hum `2`, t_in_2 `3` (C)"},
		{Options{Format: device.FormatCSV, Columns: columns}, "\t2\t", "hum `2`"},
		{Options{Format: device.FormatCSV, Columns: columns}, "1 2 3", "t_in `1`, hum `2`, t_in_2 `3`"},
		{Options{Format: device.FormatCSV, Columns: columns}, ",,", "refused: no value on the line"},
		{Options{Format: device.FormatCSV, Columns: columns}, "1,2", "refused: 2 values for 3 columns (t_in, hum, t_in_2)"},
		{Options{Format: device.FormatCSV, Columns: columns[:1]}, "door open", "t_in `door open`"},
		{Options{Format: device.FormatCSV, Columns: []string{"x1", "-"}}, "x1,x2", "x1 `x1`, value_2 `x2`"},
		{Options{Format: device.FormatCSV, Columns: columns[:1]}, "1,2", "refused: 2 values for 1 column (t_in)"},
		{Options{Format: device.FormatCSV}, "1,a", `refused: value 2 is not a number: "a"`},
		{Options{Format: device.FormatCSV}, "", "refused: no value on the line"},
		{Options{Columns: columns}, "1,2,3,4", "refused: 4 values for 3 columns (t_in, hum, t_in_2)"},
		{Options{Columns: columns}, "a=1", "a `1`"},
		{Options{Format: device.FormatPairs}, "511", `refused: "511" has no name`},
		{Options{Format: device.FormatPairs}, `{"a":1}`, `refused: after "{"a":": "1}" is not a number, on, off, true or false`},
		{Options{Format: device.FormatJSON}, "a=1", `refused: not a JSON object: "a=1"`},
		{Options{Format: device.FormatText}, "  a\tb ", "line `  a\tb `"},
		{Options{Format: device.FormatText}, "a\x00b", "refused: control character U+0000 within the line"},
		{Options{Format: device.FormatPattern}, "a", "refused: the pattern has no named group"},
		{Options{Format: device.FormatPattern, Pattern: regexp.MustCompile("a(b)")}, "ab", "refused: the pattern has no named group"},
		{Options{Format: device.FormatPattern, Pattern: pattern}, "yy!", "b `yy`"},
		{Options{Format: device.FormatPattern, Pattern: pattern}, "xz", "a `x`"},
		{Options{Format: device.FormatPattern, Pattern: pattern}, "z", `refused: the pattern does not match "z"`},
		{Options{Pattern: pattern}, "7", "value `7`"},
	} {
		if got := parse(c.options, c.line); got != c.want {
			t.Errorf("%s %q\n got %s\nwant %s", c.options.Format, c.line, got, c.want)
		}
	}
}

// Only the values are parts of the line: names, units and errors outlive it.
func TestParser_CopiesNamesAndUnits(t *testing.T) {
	for name, p := range parsers() {
		for _, text := range []string{"T=23.5 C;x=1", "Temp,Hum", "1,2", "Größe: 3 m\xb3", "  !"} {
			line := []byte(text)
			readings, err := p.Parse(line)
			before := outliving(readings, err)
			copy(line, bytes.Repeat([]byte("#"), len(line)))
			copy(p.decoded, bytes.Repeat([]byte("#"), len(p.decoded)))
			if after := outliving(readings, err); after != before {
				t.Errorf("%s, %s: %s became %s", name, text, before, after)
			}
		}
	}
}

func outliving(readings []device.Reading, err error) string {
	kept := fmt.Sprint(err)
	for _, r := range readings {
		kept += " " + r.Name + r.Unit
	}
	return kept
}

// A board that always prints new names must not fill the memory. The names are
// still right.
func TestParser_BoundsItsNames(t *testing.T) {
	p := NewParser(Options{})
	for i := range 10 * maxNames {
		readings, err := p.Parse(fmt.Appendf(nil, "Same=0,N%d=1", i))
		want := fmt.Sprintf("same `0`, n%d `1`", i)
		if got := written(readings); err != nil || got != want {
			t.Fatalf("got %s, %v, want %s", got, err, want)
		}
		if len(p.names) > maxNames {
			t.Fatalf("%d names are kept", len(p.names))
		}
	}
}

// The worst line must not stop a small machine for long: the bound is a
// thousand times its time.
func TestParser_BoundsTheWorstLine(t *testing.T) {
	p := NewParser(Options{})
	line := []byte(strings.Repeat("a:1,", MaxLine/4))
	start := time.Now()
	readings, err := p.Parse(line)
	if took := time.Since(start); err != nil || len(readings) != MaxLine/4 || took > 5*time.Second {
		t.Errorf("%d readings, %v, in %v", len(readings), err, took)
	}
	if last := readings[len(readings)-1].Name; last != "a_256" {
		t.Errorf("the last one is called %s", last)
	}
}

// In JSON only escapes cost an allocation, with a pattern only regexp does.
func TestParser_AllocatesNothing(t *testing.T) {
	for _, c := range []struct {
		line    string
		options Options
	}{
		{"temp=23.51,hum=40.2,seq=123", Options{}},
		{"Humidity: 40.00%  Temperature: 23.50°C 74.30°F", Options{}},
		{"Temp: 23.50 \xb0C", Options{}},
		{"Temp\t23.50 C\tHum\t40", Options{}},
		{"511,204,1023", Options{}},
		{`{"bme":{"temp":23.51,"hum":40.2},"a":[1,2]}`, Options{}},
		{"23.5,40,ok", Options{Format: device.FormatCSV, Columns: fuzzColumns}},
		{"T=23.5 H=40", Options{Format: device.FormatText}},
	} {
		p := NewParser(c.options)
		line := []byte(c.line)
		if got := testing.AllocsPerRun(100, func() {
			if _, err := p.Parse(line); err != nil {
				t.Fatal(err)
			}
		}); got != 0 {
			t.Errorf("%s: %v allocations", c.line, got)
		}
	}
}

// Pairs are read as meant in whatever usual way they are printed.
func TestParser_ReadsPairsAsPrinted(t *testing.T) {
	number := rapid.StringMatching(`-?[0-9]{1,5}(\.[0-9]{1,3})?`)
	word := rapid.StringMatching(`x[a-z]{2,6}[0-9]?`)
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfNDistinct(word, 1, 8, rapid.ID).Draw(t, "names")
		sign := rapid.SampledFrom([]string{"=", ":", " = ", ": ", " : "}).Draw(t, "sign")
		separator := rapid.SampledFrom([]string{",", ", ", ";", "\t", " ", "  ", " | ", ",\t"}).Draw(t, "separator")
		var pairs, want []string
		for _, name := range words {
			value := number.Draw(t, "value")
			unit := rapid.SampledFrom([]string{"", " °C", "%", " hPa", "V"}).Draw(t, "unit")
			pairs = append(pairs, name+sign+value+unit)
			shown := name + " `" + value + "`"
			if unit != "" {
				shown += " (" + strings.TrimSpace(unit) + ")"
			}
			want = append(want, shown)
		}
		line := strings.Join(pairs, separator)
		if got := parse(Options{}, line); got != strings.Join(want, ", ") {
			t.Fatalf("%q\n got %s\nwant %s", line, got, strings.Join(want, ", "))
		}
	})
}

// Each unit is split off a number, with and without a space.
func TestUnits_AreSplitOff(t *testing.T) {
	seen := map[string]bool{}
	for _, unit := range Units {
		if seen[unit] {
			t.Errorf("%s is listed twice", unit)
		}
		seen[unit] = true
		for _, between := range []string{"", " "} {
			want := "value `23.5` (" + unit + ")"
			if got := parse(Options{}, "23.5"+between+unit); got != want {
				t.Errorf("23.5%s%s: got %s", between, unit, got)
			}
		}
	}
}
