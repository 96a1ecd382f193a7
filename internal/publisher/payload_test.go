package publisher

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"arduino-gateway/device"
)

// A line of unknown time has no time.
func TestAppendLine_WithoutTime(t *testing.T) {
	line := device.Line{Seq: 17, Readings: []device.Reading{{Name: "n", Value: "1"}}}
	if got := string(appendLine(nil, line)); got != `{"n":1,"seq":17}` {
		t.Error(got)
	}
}

// Numbers and booleans are unquoted, digits unchanged, but as JSON writes them. Reserved
// names get a _.
func TestAppendLine(t *testing.T) {
	line := device.Line{Seq: 17, Time: time.Date(2026, 1, 2, 3, 4, 5, 678999999, time.UTC)}
	const end = `"time":"2026-01-02T03:04:05.678Z","seq":17}`
	for _, c := range []struct{ name, value, want string }{
		{"temperature", "23.50", `"temperature":23.50`},
		{"n", "-0", `"n":-0`},
		{"n", "1.5e-7", `"n":1.5e-7`},
		{"n", "2E+3", `"n":2E+3`},
		{"n", "007", `"n":7`},
		{"n", "+1", `"n":1`},
		{"n", ".5", `"n":0.5`},
		{"n", "1.", `"n":1`},
		{"n", "+23.5", `"n":23.5`},
		{"n", "-23,50", `"n":-23.50`},
		{"n", "1,234,5", `"n":"1,234,5"`},
		{"n", ",5", `"n":",5"`},
		{"n", "5,", `"n":"5,"`},
		{"n", "-.50e+3", `"n":-0.50e+3`},
		{"n", "-00", `"n":-0`},
		{"n", "+", `"n":"+"`},
		{"n", ".", `"n":"."`},
		{"n", "1.e", `"n":"1.e"`},
		{"n", "1e", `"n":"1e"`},
		{"n", "1x", `"n":"1x"`},
		{"n", "-", `"n":"-"`},
		{"n", "nan", `"n":"nan"`},
		{"n", "", `"n":""`},
		{"door", "true", `"door":true`},
		{"door", "false", `"door":false`},
		{"door", "True", `"door":"True"`},
		{"say", "a\"b\\\t\x7fé\xff", `"say":"a\"b\\\u0009\u007fé` + "\uFFFD" + `"`},
		{"time", "1", `"time_":1`},
		{"time_", "1", `"time__":1`},
		{"seq", "1", `"seq_":1`},
		{"timer", "1", `"timer":1`},
	} {
		line.Readings = []device.Reading{{Name: c.name, Value: c.value}}
		if got, want := string(appendLine(nil, line)), "{"+c.want+","+end; got != want {
			t.Errorf("%q: got  %s\nwant %s", c.value, got, want)
		}
	}
	line.Readings = nil
	if got := string(appendLine([]byte("x"), line)); got != "x{"+end {
		t.Error(got)
	}
}

// Empty fields are left out.
func TestAppendResult(t *testing.T) {
	for want, r := range map[string]device.Result{
		`{"status":"done","value":"on","line":"LH","reply":"ok","took_ms":12}`: {
			Status: device.Done, Value: "on", Line: "LH", Reply: "ok", Took: 12900 * time.Microsecond},
		`{"status":"rejected","error":"300 is above max 255","took_ms":0}`: {
			Status: device.Rejected, Error: "300 is above max 255"},
	} {
		if got := string(appendResult(nil, r)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func FuzzPayloadIsJSON(f *testing.F) {
	for _, text := range []string{"23.50", "-0.0e1", "1e999", "on", "\x00\xff", `"\`, "\u2028"} {
		f.Add("name", text)
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		line := device.Line{Time: time.Unix(1, 0), Readings: []device.Reading{{Name: name, Value: value}}}
		var got map[string]json.RawMessage
		text := appendLine(nil, line)
		if err := json.Unmarshal(text, &got); err != nil || len(got) != 3 {
			t.Fatalf("%s: %v, %d keys", text, err, len(got))
		}
		key := strings.ToValidUTF8(unreserved(name, reservedKeys), "\uFFFD")
		if !utf8.ValidString(name) {
			return // runs of broken bytes become one U+FFFD or several
		}
		raw := string(got[key])
		if n, ok := parseNumber(value); ok {
			if want := string(n.append(nil)); raw != want {
				t.Fatalf("the number %q became %s, not %s", value, raw, want)
			}
			a, errA := strconv.ParseFloat(raw, 64)
			if b, errB := strconv.ParseFloat(strings.Replace(value, ",", ".", 1), 64); a != b || (errA == nil) != (errB == nil) {
				t.Fatalf("the number %q became %s", value, raw)
			}
		} else if raw != value { // quoted: then as a string with the same text
			var back string
			if err := json.Unmarshal(got[key], &back); err != nil || back != string([]rune(value)) {
				t.Fatalf("%q came back as %s", value, raw)
			}
		}
		if bare := json.Valid([]byte(value)) && strings.ContainsAny(value[:1], "-0123456789"); bare && raw != value && strings.TrimSpace(value) == value {
			t.Fatalf("the number %q became %s", value, raw)
		}
	})
}
