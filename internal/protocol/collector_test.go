package protocol

import (
	"fmt"
	"strings"
	"testing"
)

// from is a line as a board sends it.
func from(text string) Line { return Parse(appendSum([]byte(text), 0)) }

// take gives a collector lines, and the errors they cause.
func take(c *Collector, lines ...string) string {
	var complaints []string
	for _, line := range lines {
		if err := c.Take(from(line)); err != nil {
			complaints = append(complaints, err.Error())
		}
	}
	return strings.Join(complaints, "; ")
}

const threeParts = "!hello a protocol=1 library=1.0 parts=3"

func TestHelloWithHoles(t *testing.T) {
	var c Collector
	take(&c, threeParts, "!reading 1/3 t °C", "!state session=0000 last=0 input=63 taken=0")
	if _, whole := c.Description(); whole {
		t.Error("two parts are missing, and it is whole")
	}
	take(&c, threeParts, "t=23.5", "!command 3/3 led bool", "!reading 1/3 t °C", "!reading 2/3 h %RH")
	d, whole := c.Description()
	if got := fmt.Sprintf("%s %d %d %s", d.ID, len(d.Readings), len(d.Commands), d.Readings["h"].Unit); !whole || got != "a 2 1 %RH" {
		t.Errorf("got %s, whole %v", got, whole)
	}
}

func TestAnotherHelloBeginsAnew(t *testing.T) {
	var c Collector
	take(&c, threeParts, "!reading 1/3 t °C", "!hello b protocol=1 parts=1", "!reading 2/3 h")
	if _, whole := c.Description(); whole {
		t.Error("a part of another hello counts")
	}
	take(&c, "!reading 1/1 x")
	if d, whole := c.Description(); !whole || d.ID != "b" || d.Library != "" || len(d.Readings) != 1 {
		t.Errorf("got %+v, whole %v", d, whole)
	}
}

func TestHelloWithoutParts(t *testing.T) {
	var c Collector
	if _, whole := c.Description(); whole {
		t.Error("there was no hello")
	}
	take(&c, "!reading 1/1 x", "!hello a protocol=1 parts=0")
	if d, whole := c.Description(); !whole || len(d.Readings) != 0 {
		t.Errorf("got %+v, whole %v", d, whole)
	}
}

// A bad part is complained of once and does not cost the others.
func TestBadParts(t *testing.T) {
	for part, want := range map[string]string{
		"command 1/3 led":                   `command led: "" is no type of a command`,
		"command 1/3 led boolean":           `command led: "boolean" is no type of a command`,
		"command 1/3 led bool 0..1":         `command led: a bool has no bounds, such as "0..1"`,
		"command 1/3 fan int 255":           `command fan: "255" are no bounds such as 0..255`,
		"command 1/3 fan int 0..ff":         `command fan: "ff" is no whole number`,
		"command 1/3 fan int x..":           `command fan: "x" is no whole number`,
		"command 1/3 fan int 5..4":          `command fan: no number lies within 5..4`,
		"command 1/3 mode enum":             `command mode: a value is empty`,
		"command 1/3 mode enum a||b":        `command mode: a value is empty`,
		"command 1/3 mode enum a|b|a":       `command mode: the value a comes twice`,
		"command 1/3 mode enum a|b\x1b[0m":  `command mode: the value "b\x1b[0m" is no text`,
		"command 1/3 say text 64":           `command say: "64" is no length from 1 to 63`,
		"command 1/3 say text some":         `command say: "some" is no length from 1 to 63`,
		"command 1/3 a/b bool":              `"a/b" is no name (hint: a to z, 0 to 9 and _)`,
		"reading 1/3 Temp °C":               `"Temp" is no name (hint: a to z, 0 to 9 and _)`,
		"reading 1/3":                       `"" is no name (hint: a to z, 0 to 9 and _)`,
		"reading 1/3 t \x1b[0m":             "the unit of t has a control character in it",
		"reading 1/3 same":                  "the reading same comes twice",
		"command 1/3 same bool":             "the command same comes twice",
		"command 1/3 fine int -5..":         "",
		"command 1/3 fine int ..5":          "",
		"command 1/3 fine int":              "",
		"command 1/3 fine text":             "",
		"command 1/3 fine enum auto run|no": "",
	} {
		var c Collector
		got := take(&c, threeParts, "!command 2/3 same bool", "!reading 3/3 same", "!"+part, "!"+part)
		if want == "" {
			if d, _ := c.Description(); got != "" || len(d.Commands) != 2 {
				t.Errorf("%q: %s, %+v", part, got, d.Commands)
			}
		} else if got != want {
			t.Errorf("%q:\n got %s\nwant %s", part, got, want)
		}
		if d, whole := c.Description(); !whole || len(d.Commands) == 0 || len(d.Readings) == 0 {
			t.Errorf("%q: got %+v, whole %v", part, d, whole)
		}
	}
}

func TestWhatACommandTakesIsReadBack(t *testing.T) {
	for text, want := range map[string]string{
		"bool": "bool", "int": "int", "int 0..255": "int 0..255", "int -10..": "int -10..", "int ..10": "int ..10",
		"enum auto|manual": "enum auto|manual", "text 20": "text 20", "text": "text 32",
	} {
		c, err := ParseCommand("name", text)
		if got := Takes(c); err != nil || got != want {
			t.Errorf("%q is written as %q, %v", text, got, err)
		}
	}
}

func TestBadHellos(t *testing.T) {
	for hello, want := range map[string]string{
		"!hello a protocol=2 parts=1":      "the board speaks version 2 of the protocol, the gateway version 1 (hint: bring the library on the board and the gateway together)",
		"!hello Haus/1 protocol=1 parts=1": `"Haus/1" is no ID of a device (hint: a to z, 0 to 9, _ and -)`,
		"!hello a protocol=1 parts=256":    "a hello of 256 parts; 255 are allowed",
	} {
		var c Collector
		if got := take(&c, hello, "!reading 1/1 x", "!reading 1/256 x"); got != want {
			t.Errorf("%s:\n got %s\nwant %s", hello, got, want)
		}
		if _, whole := c.Description(); whole {
			t.Errorf("%s is taken", hello)
		}
	}
}
