package strictyaml

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

type box struct {
	Port, Mode string
	Baud       int
	Retain     bool
	Least      float64
	Wait       time.Duration
	Names      []string
	Boxes      []string
}

// read reads a file as a package would.
func read(text string) (box, *Document) {
	var b box
	d := Open("f.yaml", []byte(text), "it needs boxes")
	keys := map[string]Set{
		"port": d.Text(&b.Port), "mode": Word(d, &b.Mode, "auto", "manual"), "baud": Whole(d, &b.Baud, 50, 1000),
		"retain": d.Flag(&b.Retain), "least": d.Number(&b.Least), "wait": d.DurationOrOff(&b.Wait, time.Second),
		"names": d.Texts(&b.Names), "inner": d.Fields(map[string]Set{"port": d.Text(&b.Port)}),
		"any": Whole(d, new(int64), math.MinInt64, math.MaxInt64),
	}
	keys["boxes"] = d.Each(func(path, name string, n *Node) {
		b.Boxes = append(b.Boxes, name)
		d.Fields(map[string]Set{"port": d.Text(&b.Port)})(path, n)
	})
	d.Root(keys)
	return b, d
}

// Each kind of value is read as it is written.
func TestDocument_ReadsValues(t *testing.T) {
	got, d := read(`
port: off
mode: manual
baud: 0050
retain: True
least: -1.5e1
wait: 1m30s
names: [on, 1, "", 'null', ~x]
boxes: {b: {port: "1"}, a: {}}
`)
	if problems := d.Problems(); problems.Err() != nil {
		t.Fatal(problems)
	}
	want := box{Port: "1", Mode: "manual", Baud: 50, Retain: true, Least: -15, Wait: 90 * time.Second,
		Names: []string{"on", "1", "", "null", "~x"}, Boxes: []string{"b", "a"}}
	if fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

// off is 0, with or without quotes.
func TestDurationOrOff(t *testing.T) {
	for text, want := range map[string]time.Duration{"off": 0, `"off"`: 0, "1s": time.Second,
		"2d": 48 * time.Hour, "1d12h": 36 * time.Hour, "0d1s": time.Second, "36500d": 36500 * 24 * time.Hour} {
		if got, d := read("wait: " + text); got.Wait != want || len(d.Problems()) > 0 {
			t.Errorf("%s: %v, %v", text, got.Wait, d.Problems())
		}
	}
}

// Each text has exactly these problems, without the file's name.
func TestDocument_Problems(t *testing.T) {
	const tooLong = longestName + 1
	for _, c := range []struct{ text, want string }{
		{"", `1:1: the file is empty (hint: it needs boxes)`},
		{"# only a comment\n", `1:1: the file is empty (hint: it needs boxes)`},
		{"---\n", `1:1: the file is empty (hint: it needs boxes)`},
		{"---\n...\n", `1:1: the file is empty (hint: it needs boxes)`},
		{"null", `1:1: null is not a value; it must be a mapping of keys to values (hint: a text needs quotes)`},
		{"- a", `1:1: must be a mapping of keys to values`},
		{"port", `1:1: must be a mapping of keys to values`},
		{"port: a\n---\nport: b\n", `2:1: the file has a second document (hint: remove the --- before it)`},
		{"prt: a\n---\n", "1:1: prt: unknown key (hint: did you mean \"port\"?)\n" +
			`2:1: the file has a second document (hint: remove the --- before it)`},
		{strings.Repeat("#", MaxSize+1), `1:1: the file is larger than 1048576 bytes (hint: is it the right one?)`},

		{"prot: a", `1:1: prot: unknown key (hint: did you mean "port"?)`},
		{"xyzzy: a", `1:1: xyzzy: unknown key (hint: known keys: any, baud, boxes, inner, least, mode, names, port, retain, wait)`},
		{"inner:\n  boud: 1", `2:3: inner.boud: unknown key (hint: known keys: port)`},
		{"boxes: {a: {prt: x}}", `1:13: boxes.a.prt: unknown key (hint: did you mean "port"?)`},
		{"port: a\nbaud: 60\nport: b", `3:1: port: duplicate key; the first is in line 1 (hint: remove one)`},
		{"boxes:\n  a: {}\n  a: {port: [1]}", `3:3: boxes.a: duplicate key; the first is in line 2 (hint: remove one)`},
		{"boxes:\n  \"\": {prt: x}\n  a.b: {prt: x}\n  \"a\\\"\\nb\": {prt: x}", "2:8: boxes.\"\".prt: unknown key (hint: did you mean \"port\"?)\n" +
			"3:9: boxes.\"a.b\".prt: unknown key (hint: did you mean \"port\"?)\n" +
			`4:14: boxes."a\"\nb".prt: unknown key (hint: did you mean "port"?)`},
		{"boxes:\n  " + strings.Repeat("x", tooLong) + ": {}", `2:3: boxes: a key is 257 bytes long; at most 256 are allowed`},
		{"? [a]\n: b", `1:3: a key must be plain text (hint: put it in quotes)`},
		{"? {port: b}\n: b", `1:3: a key must be plain text (hint: put it in quotes)`},

		{"port: &p a\nmode: *p", `2:7: mode: aliases are not supported (hint: write the value out; a text that begins with * needs quotes)`},
		{"inner: &i {port: a}\nboxes:\n  a: *i", `3:6: boxes.a: aliases are not supported (hint: write the value out; a text that begins with * needs quotes)`},
		{"names: &n [a]\nboxes:\n  *n : b", `3:3: boxes: a key must be plain text (hint: put it in quotes)`},
		{"names: [&n a, *n]", `1:15: names[1]: aliases are not supported (hint: write the value out; a text that begins with * needs quotes)`},
		{"inner:\n  <<: {port: a}", `2:3: inner: merge keys are not supported (hint: write the keys out)`},
		{"port: &deg", `1:7: port: anchors are not supported: "&deg" (hint: remove it; a text that begins with & needs quotes)`},
		{"&k port: a", `1:1: anchors are not supported: "&k" (hint: remove it; a text that begins with & needs quotes)`},
		{"port: !x a", `1:7: port: tags are not supported: "!x" (hint: remove it; a text that begins with ! needs quotes)`},
		{"baud: !!int 60", `1:7: baud: tags are not supported: "!!int" (hint: remove it; a text that begins with ! needs quotes)`},
		{"wait: &a off", `1:7: wait: anchors are not supported: "&a" (hint: remove it; a text that begins with & needs quotes)`},
		{"wait: !a off", `1:7: wait: tags are not supported: "!a" (hint: remove it; a text that begins with ! needs quotes)`},

		{"port:", `1:6: port: has no value; it must be a text`},
		{"port: ~", `1:7: port: ~ is not a value; it must be a text (hint: a text needs quotes)`},
		{"port: {a: b}", `1:7: port: must be a text`},
		{"port: [a]", `1:7: port: must be a text`},
		{"inner: a", `1:8: inner: must be a mapping of keys to values (hint: write its keys below it, indented, as KEY: VALUE and without -)`},
		{"boxes: [a]", `1:8: boxes: must be a mapping of keys to values (hint: write its keys below it, indented, as KEY: VALUE and without -)`},
		{"names: a", `1:8: names: must be a list (hint: such as [A, B])`},
		{"names: [a, [b]]", `1:12: names[1]: must be a text`},
		{"mode: atuo", `1:7: mode: "atuo" is not one of auto, manual (hint: did you mean "auto"?)`},
		{"mode: fast", `1:7: mode: "fast" is not one of auto, manual`},
		{"mode: ''", `1:7: mode: "" is not one of auto, manual`},
		{"baud: fast", `1:7: baud: "fast" is not a whole number from 50 to 1000`},
		{"baud: 49", `1:7: baud: "49" is not a whole number from 50 to 1000`},
		{"baud: 1001", `1:7: baud: "1001" is not a whole number from 50 to 1000`},
		{"baud: 60.0", `1:7: baud: "60.0" is not a whole number from 50 to 1000`},
		{"baud: 99999999999999999999", `1:7: baud: "99999999999999999999" is not a whole number from 50 to 1000`},
		{"baud: '60'", `1:7: baud: must be a whole number from 50 to 1000, not a text (hint: remove the quotes)`},
		{"baud: |\n  60", `1:7: baud: must be a whole number from 50 to 1000, not a text (hint: remove the quotes)`},
		{"any: x", `1:6: any: "x" is not a whole number`},
		{"retain: yes", `1:9: retain: "yes" is not true or false`},
		{"retain: \"true\"", `1:9: retain: must be true or false, not a text (hint: remove the quotes)`},
		{"least: x", `1:8: least: "x" is not a number`},
		{"least: nan", `1:8: least: "nan" is not a number`},
		{"least: -inf", `1:8: least: "-inf" is not a number`},
		{"least: 1e999", `1:8: least: "1e999" is not a number`},
		{"wait: 30", `1:7: wait: "30" is not a time (hint: such as 30s, 30m, or off)`},
		{"wait: 999ms", `1:7: wait: "999ms" is less than 1s`},
		{"wait: -1s", `1:7: wait: "-1s" is less than 1s`},
		{"wait: 1000000h", `1:7: wait: "1000000h" is more than 100 years`},
		{"wait: [off]", `1:7: wait: must be a time, or off`},

		{"names: x\nbaud: y\nport: []", "1:8: names: must be a list (hint: such as [A, B])\n" +
			"2:7: baud: \"y\" is not a whole number from 50 to 1000\n3:7: port: must be a text"},
	} {
		_, d := read(c.text)
		got := strings.ReplaceAll(d.Problems().Error(), "f.yaml:", "")
		if got != c.want {
			t.Errorf("%.80q\n got %s\nwant %s", c.text, got, c.want)
		}
		if d.Problems().Err() == nil {
			t.Errorf("%.80q is valid", c.text)
		}
	}
}

// The place of a syntax error is where a person has to look.
func TestOpen_PlacesSyntaxErrors(t *testing.T) {
	flow := "names: [\n" + strings.Repeat("  a,\n", 20)
	for _, c := range []struct{ text, want string }{
		{"inner:\n  box:\n    port: a\n   baud: 60\n", `4:4: not YAML: did not find expected key (hint: check the indentation of this line, and that each quote is closed)`},
		{"a: 1\n\n# comment\n\n   b: 2\n# foo\n\nc: 1\n", `5:4: not YAML: did not find expected key (hint: check the indentation of this line, and that each quote is closed)`},
		{"inner:\n  port: a\n\tbaud: 60\n", `3:2: not YAML: found a tab character that violates indentation (hint: indent with spaces, not with a tab)`},
		{"inner:\n\tport: a\n", `2:2: not YAML: found character that cannot start any token (hint: indent with spaces, not with a tab)`},
		{"inner: {port: x\n  b: {port: y}\nmqtt: 1\n", `1:1: not YAML: did not find expected ',' or '}' (hint: close the bracket, or add a comma)`},
		{"port: 1\nnames: [1, 2\nc: 3\n", `2:1: not YAML: did not find expected ',' or ']' (hint: close the bracket, or add a comma)`},
		{flow + "  {]\n]\n", `23:1: not YAML: did not find expected node content (hint: put the value in quotes)`},
		{"names: [a,\n b]\nport: x\n y: z\nmode: auto\n", `4:2: not YAML: mapping values are not allowed in this context (hint: check the indentation, and the space after each colon, here and in the line above; a value with a colon in it needs quotes)`},
		{"a: 1\nb: \"unclosed\nc: 2\n# x\n\nd: 1\n", `2:1: not YAML: found unexpected end of stream (hint: a quote is not closed)`},
		{"a: 1\nb: \"unclosed\n" + strings.Repeat("c: 1\n", 50), `2:1: not YAML: found unexpected end of stream (hint: a quote is not closed)`},
		{"a: 1\nb: c: d\ne: 1\n", `2:1: not YAML: mapping values are not allowed in this context (hint: check the indentation, and the space after each colon, here and in the line above; a value with a colon in it needs quotes)`},
		{"a:\n  b: %x\n", `2:3: not YAML: found character that cannot start any token (hint: put the value in quotes)`},
		{"a:\n  b: x\n  foo\n  bar: 1\n", `3:3: not YAML: could not find expected ':' (hint: a key needs a colon and a space after it)`},
		{"a:\n  b: 'it's'\n  bar: 1\n", `2:3: not YAML: did not find expected key (hint: check the indentation of this line, and that each quote is closed)`},
		{"a:\n  b: \"\\d\"\n  bar: 1\n", `2:3: not YAML: found unknown escape character (hint: a backslash needs single quotes, or a second one)`},
		{"a:\n  - a\n  b: 1\n", `3:3: not YAML: did not find expected '-' indicator (hint: check the indentation: a list takes no keys)`},
		{"a: 1\nb: *foo\nc: 1\n", `2:1: not YAML: unknown anchor 'foo' referenced (hint: a text that begins with * needs quotes)`},
		{"a: 1\nb: }\n", `2:1: not YAML: did not find expected node content (hint: put the value in quotes)`},
		{"%YAML 1.2\n---\na: 1\n", `1:1: not YAML: found incompatible YAML document (hint: remove the line that begins with %YAML)`},
		{"a: 1\nb: \xff\nc: 2\n", `2:1: not YAML: invalid leading UTF-8 octet (hint: save the file as UTF-8)`},
		{"a: 1\nb: \x01\n", `2:1: not YAML: control characters are not allowed (hint: remove it)`},
		{"a: " + strings.Repeat("x", 10_000) + "\nb: }\n", `2:1: not YAML: did not find expected node content (hint: put the value in quotes)`},
		{"port: a\n---\nb: }\n", `3:1: not YAML: did not find expected node content (hint: put the value in quotes)`},
	} {
		_, d := read(c.text)
		if got := strings.ReplaceAll(d.Problems().Error(), "f.yaml:", ""); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

// A value that could not be read is reported once: no later check may build on
// it.
func TestValid_KeepsLaterChecksAway(t *testing.T) {
	for _, c := range []struct {
		text, valid, missing string // keys in a row
	}{
		{"", "", ""},
		{"- a", "", ""},
		{"port: a", "port baud names boxes boxes.a boxes.a.port", "baud names boxes boxes.a boxes.a.port"},
		{"port: [a]\nbaud: 60", "baud names boxes boxes.a boxes.a.port", "names boxes boxes.a boxes.a.port"},
		{"prot: a", "baud names boxes boxes.a boxes.a.port", "baud names boxes boxes.a boxes.a.port"},
		{"boxes: a", "port baud names", "port baud names"},
		{"boxs: {a: {}}", "port baud names", "port baud names"},
		{"boxes: {a: b}", "port baud names", "port baud names"},
		{"boxes: {a: {port: []}}", "port baud names", "port baud names"},
		{"boxes: {a: {prot: x}}", "port baud names", "port baud names"},
		{"boxes: {a: {<<: {}}}", "port baud names", "port baud names"},
		{"names: [a, []]", "port baud boxes boxes.a boxes.a.port", "port baud boxes boxes.a boxes.a.port"},
		{"<<: {}", "", ""},
		{"port: a\n---\n", "port baud names boxes boxes.a boxes.a.port", "baud names boxes boxes.a boxes.a.port"},
	} {
		_, d := read(c.text)
		var valid, missing []string
		for _, key := range []string{"port", "baud", "names", "boxes", "boxes.a", "boxes.a.port"} {
			if d.Valid(key) {
				valid = append(valid, key)
			}
			if d.Missing(key) {
				missing = append(missing, key)
			}
		}
		if got := strings.Join(valid, " "); got != c.valid {
			t.Errorf("%q: valid %q, want %q", c.text, got, c.valid)
		}
		if got := strings.Join(missing, " "); got != c.missing {
			t.Errorf("%q: missing %q, want %q", c.text, got, c.missing)
		}
	}
}

// The place is that of the key, or of the nearest key above it.
func TestReportAt_FindsTheKeyOrTheOneAbove(t *testing.T) {
	_, d := read("port: a\nboxes:\n  b:\n    port: x\nnames:\n  - a\n")
	for _, key := range []string{"boxes.b.port", "boxes.b.nothing", "boxes.c", "names[0]", "names[7]", "no.such[3]"} {
		d.ReportAt(key, "here", "")
	}
	d.WarnAt("port", "there", "do so")
	want := `f.yaml:1:1: no.such[3]: here
f.yaml:1:1: port: warning: there (hint: do so)
f.yaml:2:1: boxes.c: here
f.yaml:3:3: boxes.b.nothing: here
f.yaml:4:5: boxes.b.port: here
f.yaml:5:1: names[7]: here
f.yaml:6:5: names[0]: here`
	if got := d.Problems().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !d.Has("boxes.b") || d.Has("boxes.c") || d.Line("boxes.b") != 3 {
		t.Error(d.Has("boxes.b"), d.Has("boxes.c"), d.Line("boxes.b"))
	}
	if !d.Valid("boxes.b.port") {
		t.Error("a key with a reported problem must stay valid")
	}
	if _, empty := read(""); empty.Line("port") != 1 {
		t.Error("no place without a file")
	}
}

// A file with nothing but warnings has no error.
func TestProblems_ErrIgnoresWarnings(t *testing.T) {
	_, d := read("port: a")
	if err := d.Problems().Err(); err != nil {
		t.Error(err)
	}
	d.WarnAt("port", "there", "")
	if err := d.Problems().Err(); err != nil {
		t.Error(err)
	}
	d.ReportAt("port", "here", "")
	if err := d.Problems().Err(); err == nil || !strings.Contains(err.Error(), "here") {
		t.Error(err)
	}
}

// Apply reports whether the value was accepted.
func TestApply(t *testing.T) {
	for text, want := range map[string]bool{"60": true, "x": false} {
		d := Open("f.yaml", []byte("baud: "+text+"\nport: x"), "")
		var v int
		d.Root(map[string]Set{"baud": func(key string, n *Node) {
			if got := d.Apply(Whole(d, &v, 1, 100), key, n); got != want {
				t.Errorf("%s: %v", text, got)
			}
		}, "port": d.Text(new(string))})
	}
}

// A long text is cut between two characters.
func TestQuote(t *testing.T) {
	long := strings.Repeat("é", 1000)
	for text, want := range map[string]string{"a\nb": `"a\nb"`, long: `"` + long[:60] + `…"`, "x" + long: `"x` + long[:58] + `…"`} {
		if got := Quote(text); got != want {
			t.Errorf("%.10q: got %s, want %s", text, got, want)
		}
	}
}

// Only a name that could be read otherwise is quoted.
func TestJoin(t *testing.T) {
	for _, c := range [][3]string{{"", "a", "a"}, {"a", "b-c_1", "a.b-c_1"}, {"a", "b.c", `a."b.c"`}, {"a", "°C", "a.°C"},
		{"a", "", `a.""`}, {"a", "\x1b[2J", `a."\x1b[2J"`}, {"a", "b c", `a."b c"`}, {"a", "b[0]", `a."b[0]"`}} {
		if got := Join(c[0], c[1]); got != c[2] {
			t.Errorf("%q: got %s, want %s", c, got, c[2])
		}
	}
}
