package protocol

import (
	"fmt"
	"strings"
	"testing"
)

// from returns a parsed line as a board sends it, with its checksum.
func from(text string) Line { return Parse(appendSum([]byte(text), 0)) }

// add adds lines to a collector and returns the errors.
func add(c *Collector, lines ...string) string {
	var complaints []string
	for _, line := range lines {
		if err := c.Add(from(line)); err != nil {
			complaints = append(complaints, err.Error())
		}
	}
	return strings.Join(complaints, "; ")
}

const threeParts = "!hello a protocol=1 library=1.0 parts=3"

// Lost lines of a hello are filled in by the next hello.
func TestCollector_FillsGaps(t *testing.T) {
	var c Collector
	add(&c, threeParts, "!reading 1/3 t °C", "!state session=0000 last=0 input=63 taken=0")
	if _, complete := c.Description(); complete {
		t.Error("complete although two parts are missing")
	}
	add(&c, threeParts, "t=23.5", "!command 3/3 led bool", "!reading 1/3 t °C", "!reading 2/3 h %RH")
	d, complete := c.Description()
	if got := fmt.Sprintf("%s %d %d %s", d.ID, len(d.Readings), len(d.Commands), d.Readings["h"].Unit); !complete || got != "a 2 1 %RH" {
		t.Errorf("got %s, complete %v", got, complete)
	}
}

// The parts of one hello do not count for another.
func TestCollector_AnotherHelloStartsAgain(t *testing.T) {
	var c Collector
	add(&c, threeParts, "!reading 1/3 t °C", "!hello b protocol=1 parts=1", "!reading 2/3 h")
	if _, complete := c.Description(); complete {
		t.Error("complete with a part of another hello")
	}
	add(&c, "!reading 1/1 x")
	if d, complete := c.Description(); !complete || d.ID != "b" || d.Library != "" || len(d.Readings) != 1 {
		t.Errorf("got %+v, complete %v", d, complete)
	}
}

// A hello without parts is complete at once.
func TestCollector_HelloWithoutParts(t *testing.T) {
	var c Collector
	if _, complete := c.Description(); complete {
		t.Error("complete without a hello")
	}
	add(&c, "!reading 1/1 x", "!hello a protocol=1 parts=0")
	if d, complete := c.Description(); !complete || len(d.Readings) != 0 {
		t.Errorf("got %+v, complete %v", d, complete)
	}
}

// A bad part is reported once, and the other parts count.
func TestCollector_BadParts(t *testing.T) {
	for part, want := range map[string]string{
		"command 1/3 led":                   `command led: unknown type ""`,
		"command 1/3 led boolean":           `command led: unknown type "boolean"`,
		"command 1/3 led bool 0..1":         `command led: unexpected "0..1" after bool`,
		"command 1/3 fan int 255":           `command fan: bounds "255" are not of the form 0..255`,
		"command 1/3 fan int 0..ff":         `command fan: "ff" is not a whole number`,
		"command 1/3 fan int x..":           `command fan: "x" is not a whole number`,
		"command 1/3 fan int 5..4":          `command fan: the bounds 5..4 are empty`,
		"command 1/3 mode enum":             `command mode: empty value`,
		"command 1/3 mode enum a||b":        `command mode: empty value`,
		"command 1/3 mode enum a|b|a":       `command mode: duplicate value a`,
		"command 1/3 mode enum a|b\x1b[0m":  `command mode: the value "b\x1b[0m" is not printable text`,
		"command 1/3 say text 64":           `command say: the length "64" is not a number from 1 to 63`,
		"command 1/3 say text some":         `command say: the length "some" is not a number from 1 to 63`,
		"command 1/3 a/b bool":              `"a/b" is not a name (hint: a to z, 0 to 9 and _)`,
		"reading 1/3 Temp °C":               `"Temp" is not a name (hint: a to z, 0 to 9 and _)`,
		"reading 1/3":                       `"" is not a name (hint: a to z, 0 to 9 and _)`,
		"reading 1/3 t \x1b[0m":             "the unit of t contains a control character",
		"reading 1/3 same":                  "duplicate reading same",
		"command 1/3 same bool":             "duplicate command same",
		"command 1/3 fine int -5..":         "",
		"command 1/3 fine int ..5":          "",
		"command 1/3 fine int":              "",
		"command 1/3 fine text":             "",
		"command 1/3 fine enum auto run|no": "",
	} {
		var c Collector
		got := add(&c, threeParts, "!command 2/3 same bool", "!reading 3/3 same", "!"+part, "!"+part)
		if want == "" {
			if d, _ := c.Description(); got != "" || len(d.Commands) != 2 {
				t.Errorf("%q: %s, %+v", part, got, d.Commands)
			}
		} else if got != want {
			t.Errorf("%q:\n got %s\nwant %s", part, got, want)
		}
		if d, complete := c.Description(); !complete || len(d.Commands) == 0 || len(d.Readings) == 0 {
			t.Errorf("%q: got %+v, complete %v", part, d, complete)
		}
	}
}

// FormatCommand writes what ParseCommand parses.
func TestFormatCommand_RoundTrip(t *testing.T) {
	for text, want := range map[string]string{
		"bool": "bool", "int": "int", "int 0..255": "int 0..255", "int -10..": "int -10..", "int ..10": "int ..10",
		"enum auto|manual": "enum auto|manual", "text 20": "text 20", "text": "text 32",
	} {
		c, err := ParseCommand("name", text)
		if got := FormatCommand(c); err != nil || got != want {
			t.Errorf("%q is written as %q, %v", text, got, err)
		}
	}
}

// A bad hello is reported and describes nothing.
func TestCollector_BadHellos(t *testing.T) {
	for hello, want := range map[string]string{
		"!hello a protocol=2 parts=1":      "the board speaks version 2 of the protocol, the gateway version 1 (hint: update the library on the board, or the gateway)",
		"!hello Haus/1 protocol=1 parts=1": `"Haus/1" is not a device ID (hint: a to z, 0 to 9, _ and -)`,
		"!hello a protocol=1 parts=256":    "the hello announces 256 parts; at most 255 are allowed",
	} {
		var c Collector
		if got := add(&c, hello, "!reading 1/1 x", "!reading 1/256 x"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", hello, got, want)
		}
		if _, complete := c.Description(); complete {
			t.Errorf("%s is accepted", hello)
		}
	}
}

const oldState = "!state session=0000 last=0 input=63 taken=0" // of a library before 0.3

// Of a part that never comes the collector reports once which it is, and why.
func TestCollector_NamesPartsThatNeverCome(t *testing.T) {
	for hello, want := range map[string]string{
		threeParts:                "the hello came 3 times without part 1, 3 of 3: a library before 0.3 drops a line of more than 80 bytes (hint: shorten what these parts say, or update the library)",
		threeParts + " output=80": "the hello came 3 times without part 1, 3 of 3: the board's sketch or the wire damages their lines each time (hint: gateway monitor shows them)",
	} {
		var c Collector
		once := []string{hello, "!reading 2/3 h", oldState, oldState}
		if got := add(&c, append(once, once...)...); got != "" {
			t.Errorf("after two hellos: %s", got)
		}
		if got := add(&c, append(once, once...)...); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if d, complete := c.Description(); complete || len(d.Readings) != 1 {
			t.Errorf("got %+v, complete %v", d, complete)
		}
	}
}

// A command that a board could not describe leaves the others.
func TestCollector_CommandThatIsCutOff(t *testing.T) {
	var c Collector
	got := add(&c, "!hello a protocol=1 parts=2 output=80", "!command 1/2 mode", "!command 2/2 led bool")
	if !strings.HasPrefix(got, "command mode: the board does not say what it takes (hint: ") {
		t.Error(got)
	}
	if d, complete := c.Description(); !complete || len(d.Commands) != 1 {
		t.Errorf("got %+v, complete %v", d, complete)
	}
}

func TestParse_HealthInState(t *testing.T) {
	want := Health{Dropped: 2, Reset: Power | Watchdog, RAM: 1204}
	if got := from("!state session=7F3A last=3 input=63 taken=9 dropped=2 reset=9 ram=1204").Health; got != want {
		t.Errorf("got %+v", got)
	}
	if got := from("!hello a protocol=1 parts=0 output=80").Hello.Output; got != 80 {
		t.Errorf("output %d", got)
	}
}

// A gateway from before the library 0.3 skips the fields that it does not know, wherever
// they stand. So it reads each line of that library as the line of 0.2 beside it, and this
// parser reads those of a later library.
func TestParse_SkipsUnknownFields(t *testing.T) {
	for line, known := range map[string]string{
		"!hello a protocol=1 library=0.3.0 parts=2 output=80":                               "!hello a protocol=1 library=0.3.0 parts=2",
		"!state session=0BC9 last=3 input=63 taken=13 dropped=1":                            "!state session=0BC9 last=3 input=63 taken=13",
		"!state session=0BC9 last=3 input=63 taken=13 dropped=1 reset=2 ram=1541":           "!state session=0BC9 last=3 input=63 taken=13",
		"!state session=0BC9 later=x last=3 input=63 taken=13 dropped=70000 reset=? ram=-1": "!state session=0BC9 last=3 input=63 taken=13",
		"!hello a later=x protocol=1 library=0.3.0 parts=2 output=-":                        "!hello a protocol=1 library=0.3.0 parts=2",
	} {
		if got, want := meaning(from(line)), meaning(from(known)); got != want || strings.HasPrefix(got, "unknown") {
			t.Errorf("%s\n got %s\nwant %s", line, got, want)
		}
	}
}
