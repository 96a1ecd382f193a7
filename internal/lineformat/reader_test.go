package lineformat

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"arduino-gateway/device"
)

// taken reads lines, of which "…" is a pause of two seconds and "first " begins one whose
// beginning may be missing, and returns what becomes of them.
func taken(o Options, lines ...string) (all []string) {
	r, at := NewReader(o), time.Unix(1000, 0)
	each := func(_ time.Time, text []byte, readings []device.Reading, err error) {
		if err != nil {
			all = append(all, "refused: "+err.Error())
		} else {
			all = append(all, strings.ReplaceAll(written(readings), "`", ""))
		}
	}
	for _, line := range lines {
		at = at.Add(10 * time.Millisecond)
		if first, ok := strings.CutPrefix(line, "first "); ok {
			r.First(at, []byte(first), each)
		} else if line == "…" {
			at = at.Add(recordPause)
			r.Quiet(at, each)
		} else {
			r.Line(at, []byte(line), each)
		}
	}
	r.End(each)
	return all
}

const (
	stray  = "refused: part of a JSON object whose beginning is missing"
	cutOff = "refused: a JSON object that was not complete within two seconds"
	cut    = "refused: may be the end of a line that began before the port was opened"
)

// JSON on several lines is one record, and nothing within it is read alone.
func TestReader_JoinsJSON(t *testing.T) {
	long := []string{"{"}
	for i := range 400 {
		long = append(long, fmt.Sprintf(`  "name_%d": %d,`, i, i))
	}
	long = append(long, `  "last": 5`, "}", "t=1")
	for name, c := range map[string]struct{ lines, want []string }{
		"pretty":              {[]string{"{", `  "bme": {`, `    "t": 21.5`, "  },", `  "dht": {`, `    "t": 23.9`, "  }", "}", "x=1"}, []string{"bme_t 21.5, dht_t 23.9", "x 1"}},
		"split anywhere":      {[]string{`{"a":`, `1,"b":[1,`, `2]`, `}`}, []string{"a 1, b_1 1, b_2 2"}},
		"cut off":             {[]string{"{", `  "bme": {`, "…", `x=1`}, []string{cutOff, "x 1"}},
		"cut off at the end":  {[]string{"{", `  "t": 5`}, []string{cutOff}},
		"a restart within":    {[]string{"{", `  "bme": {`, "DHT22: 5"}, []string{`refused: a JSON object that is not complete: "DHT22: 5" follows`, "dht22 5"}},
		"a line lost":         {[]string{"{", `  "a": 1,`, `  "c": {`, `    "d": 1`, `  "e": 5,`, `  "f": 6`, "}", "{", `  "a": 1`, "}"}, []string{`refused: a JSON object that is not complete: ""e": 5," follows`, stray, stray, stray, "a 1"}},
		"opened within":       {[]string{`    "t": 21.5`, "  },", `  "dht": {`, `    "t": 23.9`, "  }", "}", "{", `"t": 1`, "}"}, []string{stray, stray, stray, stray, stray, stray, "t 1"}},
		"within an array":     {[]string{`  "a": [`, "  511,", "  204", "  ]", "}", "x=1"}, []string{stray, stray, stray, stray, stray, "x 1"}},
		"too long":            {long, nil},
		"an array":            {[]string{"[", "  511,", "  204", "]"}, []string{"value_1 511, value_2 204"}},
		"an array of objects": {[]string{"[", "  {", `    "t": 1`, "  },", "  {", `    "t": 2`, "  }", "]"}, []string{"value_1_t 1, value_2_t 2"}},
		"glued":               {[]string{`{"t":21.5}{"t":21.6}`}, []string{"t 21.5", "t 21.6"}},
		"glued and open":      {[]string{`{"t":1}{"t":`, `2}{"t":3}`}, []string{"t 1", "t 2", "t 3"}},
		"one line":            {[]string{`{"t":1}`, `[1,2]`, `[{"t":5},{"t":6}]`}, []string{"t 1", "value_1 1, value_2 2", "value_1_t 5, value_2_t 6"}},
	} {
		got := taken(Options{}, c.lines...)
		if name == "too long" {
			if n := len(got); got[0] != "refused: "+errTooLong.Error() || got[n-1] != "t 1" || slices.ContainsFunc(got[1:n-1], func(s string) bool { return s != stray }) {
				t.Errorf("%s: %.200q", name, got)
			}
			continue
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, c.want)
		}
	}
}

// Only formats with JSON join lines.
func TestReader_JoinsNothingOfOtherFormats(t *testing.T) {
	if got := taken(Options{Format: device.FormatText}, "{", `"t": 1`, "}"); !slices.Equal(got, []string{"line {", `line "t": 1`, "line }"}) {
		t.Errorf("got %q", got)
	}
}

// The first line counts if the next one shows that it cannot be the end of another.
func TestReader_FirstLine(t *testing.T) {
	for name, c := range map[string]struct{ lines, want []string }{
		"the end of a number":  {[]string{"first 3.50"}, []string{cut}},
		"then a whole line":    {[]string{"first 3.50", "temperature=23.60"}, []string{cut, "temperature 23.60"}},
		"then another":         {[]string{"first 3.50", "lux=5,temperature=23.60"}, []string{cut, "lux 5, temperature 23.60"}},
		"the end of a name":    {[]string{"first ity=40", "temperature=23.5,humidity=41"}, []string{cut, "temperature 23.5, humidity 41"}},
		"the end of a text":    {[]string{"first te=OFF", "state=ON"}, []string{cut, "state ON"}},
		"a column":             {[]string{"first 40", "23.5,41"}, []string{cut, "value_1 23.5, value_2 41"}},
		"the same form":        {[]string{"first temperature=23.50", "temperature=23.60", "temperature=23.70"}, []string{"temperature 23.50", "temperature 23.60", "temperature 23.70"}},
		"numbers":              {[]string{"first 511", "512"}, []string{"value 511", "value 512"}},
		"several kinds":        {[]string{"first Humidity: 48.00%", "Window: 5"}, []string{"humidity 48.00 (%)", "window 5"}},
		"a sign in between":    {[]string{"first a: 1", ";a: 2"}, []string{"a 1", "a 2"}},
		"two kinds of numbers": {[]string{"first 12.5 cm", "255"}, []string{"value 12.5 (cm)", "value_2 255"}},
		"a header":             {[]string{"first time,t", "0,23.5"}, []string{"refused: only names: time, t (they name the numbers of the next line if it has 2)", "time 0, t 23.5"}},
		"a banner":             {[]string{"first DHT22 ready", "t=1"}, []string{`refused: not a JSON object, pairs or numbers: "DHT22 ready"`, "t 1"}},
		"an object":            {[]string{`first {"t":1}`}, []string{"t 1"}},
		"an object over lines": {[]string{"first {", `"t": 1`, "}"}, []string{"t 1"}},
	} {
		if got := taken(Options{}, c.lines...); !slices.Equal(got, c.want) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, c.want)
		}
	}
}

// Whatever comes, each value is on the lines, and no more is kept than allowed.
func FuzzReader(f *testing.F) {
	f.Add("{\n\"a\": {\n\"b\": 1\n}\n}")
	f.Add("[1,\n2]\n{\"t\":1}{\"t\":2}\n\"a\": 5")
	f.Add("ity=40\nhumidity=40\n{\"\\\"\n}")
	f.Fuzz(func(t *testing.T, lines string) {
		r := NewReader(Options{})
		each := func(_ time.Time, text []byte, readings []device.Reading, err error) {
			if len(text) == 0 {
				t.Error("an outcome of nothing")
			}
			if err := mistake(string(text), readings, err); err != nil {
				t.Error(err)
			}
		}
		at := time.Unix(1, 0)
		for i, line := range strings.Split(lines, "\n") {
			line = line[:min(len(line), MaxLine)]
			switch {
			case line == "":
				at = at.Add(time.Second)
				r.Quiet(at, each)
			case i == 0:
				r.First(at, []byte(line), each)
			default:
				r.Line(at, []byte(line), each)
			}
			if len(r.record.text) > maxRecord+MaxLine {
				t.Errorf("%d bytes are kept", len(r.record.text))
			}
		}
		r.End(each)
	})
}
