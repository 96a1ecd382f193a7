package device

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func bound(n int64) *int64 { return &n }

// Each type accepts and refuses its values, and writes the line of its template.
func TestCommand_Encode(t *testing.T) {
	led := Command{Name: "led", Type: Bool, Write: "L{value}", On: "H", Off: "L"}
	pwm := Command{Name: "pwm", Type: Int, Min: bound(-5), Max: bound(255), Write: "P{value}"}
	mode := Command{Name: "mode", Type: Enum, Values: []string{"auto", "manual"}, Write: "M={value}"}
	say := Command{Name: "say", Type: Text, MaxLength: 4, Write: "{value}"}
	for _, c := range []struct {
		command               Command
		value                 string
		line, canonical, fail string
	}{
		{led, "on", "LH", "on", ""},
		{led, "TRUE", "LH", "on", ""},
		{led, "1", "LH", "on", ""},
		{led, "Off", "LL", "off", ""},
		{led, "false", "LL", "off", ""},
		{led, "0", "LL", "off", ""},
		{led, "maybe", "", "", `"maybe" is not on or off`},
		{led, "", "", "", `"" is not on or off`},
		{Command{Name: "fan", Type: Bool}, "1", "fan=on", "on", ""},
		{Command{Name: "fan", Type: Bool}, "0", "fan=off", "off", ""},
		{pwm, "255", "P255", "255", ""},
		{pwm, "-5", "P-5", "-5", ""},
		{pwm, "+007", "P7", "7", ""},
		{pwm, "256", "", "", "256 is above max 255"},
		{pwm, "-6", "", "", "-6 is below min -5"},
		{pwm, "1.5", "", "", `"1.5" is not a whole number`},
		{pwm, " 1", "", "", `" 1" is not a whole number`},
		{pwm, "0x10", "", "", `"0x10" is not a whole number`},
		{pwm, "99999999999999999999", "", "", `"99999999999999999999" is not a whole number`},
		{Command{Name: "n", Type: Int}, "-9223372036854775808", "n=-9223372036854775808", "-9223372036854775808", ""},
		{mode, "auto", "M=auto", "auto", ""},
		{mode, "Auto", "", "", `"Auto" is not one of auto, manual`},
		{say, "grün", "", "", "5 bytes are more than max_length 4"},
		{say, "hey!", "hey!", "hey!", ""},
		{say, "", "", "", ""},
		{say, "a\nb", "", "", "the value has a control character (U+000A)"},
		{say, "a\x7f", "", "", "the value has a control character (U+007F)"},
		{say, "\xff", "", "", "the value is not UTF-8 text"},
		{Command{Name: "x", Type: Text, Write: "{value},{value}"}, "{value}", "{value},{value}", "{value}", ""},
		{Command{Name: "x", Type: Text}, strings.Repeat("x", DefaultMaxLength), "x=" + strings.Repeat("x", DefaultMaxLength), strings.Repeat("x", DefaultMaxLength), ""},
		{Command{Name: "x", Type: Text}, strings.Repeat("x", DefaultMaxLength+1), "", "", "33 bytes are more than max_length 32"},
	} {
		line, canonical, err := c.command.Encode(c.value)
		fail := ""
		if err != nil {
			fail = err.Error()
		}
		if line != c.line || canonical != c.canonical || fail != c.fail {
			t.Errorf("%s %q: got %q, %q, %q\nwant %q, %q, %q", c.command.Name, c.value, line, canonical, fail, c.line, c.canonical, c.fail)
		}
	}
}

// The error for a value of megabytes is short.
func TestCommand_EncodeErrorIsShort(t *testing.T) {
	value := strings.Repeat("é", 1<<20)
	for _, kind := range []Command{{Type: Bool}, {Type: Int}, {Type: Enum, Values: []string{"a"}}, {Type: Text}} {
		_, _, err := kind.Encode(value)
		if err == nil || len(err.Error()) > 100 || !utf8.ValidString(err.Error()) {
			t.Errorf("%s: %d bytes of error", kind.Type, len(err.Error()))
		}
	}
}

// A line of Encode never ends early, and a refused value has no line.
func FuzzEncode(f *testing.F) {
	for _, value := range []string{"on", "-1", "auto", "a\rb", "\u0085", "{value}", "\xff"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range CommandTypes {
			line, canonical, err := Command{Name: "x", Type: kind, Values: []string{"auto", value}}.Encode(value)
			if err != nil && (line != "" || canonical != "") {
				t.Errorf("%s: refused (%v), but returns %q, %q", kind, err, line, canonical)
			}
			if err == nil && (printable(line) != nil || !strings.HasPrefix(line, "x=")) {
				t.Errorf("%s: writes %q", kind, line)
			}
		}
	})
}
