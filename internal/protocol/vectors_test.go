package protocol

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/protocoltest"
)

// meaning returns a parsed line in words.
func meaning(l Line) string {
	switch l.Kind {
	case HelloLine:
		h := l.Hello
		return fmt.Sprintf("hello %s, protocol %d, library %s, %d parts", h.ID, h.Protocol, h.Library, h.Parts)
	case PartLine:
		what := map[bool]string{true: "command", false: "reading"}[l.Part.Command]
		return fmt.Sprintf("%s %d of %d: %s", what, l.Part.Number, l.Part.Parts, l.Part.Rest)
	case StateLine:
		s := l.State
		return fmt.Sprintf("state: session %04X, last %d, input %d, taken %d", s.Session, s.Last, s.Input, s.Taken)
	case AnswerLine:
		a := l.Answer
		text := fmt.Sprintf("%s %d, taken %d", [...]string{"ok", "no", "again"}[a.Verdict], a.Number, a.Taken)
		if len(a.Text) > 0 {
			text += ": " + string(a.Text)
		}
		return text
	case Unknown:
		return "unknown: " + string(l.Text)
	default:
		return fmt.Sprintf("plain, %s: %s", [...]string{"unchecked", "right", "wrong"}[l.Check], l.Text)
	}
}

// Each line of the test vectors has the meaning that is written beside it.
func TestParse_Vectors(t *testing.T) {
	meanings := 0
	all := protocoltest.Vectors(t)
	for i, v := range all {
		switch v.Word {
		case "means":
			meanings++
			if got := meaning(Parse([]byte(all[i-1].Text))); got != v.Text {
				t.Errorf("%s:\n got %s\nwant %s", v.Place, got, v.Text)
			}
		case "==", "boot", "to", "raw", "from", "runs", "prints":
		default:
			t.Errorf("%s: unknown word %q", v.Place, v.Word)
		}
	}
	if meanings < 30 {
		t.Errorf("only %d lines with their meaning", meanings)
	}
}

// The lines to the board are written as in the test vectors.
func TestAppend_Vectors(t *testing.T) {
	written := map[Verdict]int{}
	for _, v := range protocoltest.Vectors(t) {
		text, check := split([]byte(v.Text))
		if v.Word != "to" || check != Right {
			continue
		}
		var got []byte
		if session, ok := parseHex(text[1:]); ok && session != 0 {
			got = AppendSession(nil, session)
			written[0]++
		} else if string(text) == "?" {
			got = AppendAsk(nil)
			written[1]++
		} else if number, command := numbered(string(text)); command != "" && len(v.Text) < MaxLine {
			var err error
			if got, err = AppendCommand(nil, number, command); err != nil {
				t.Errorf("%s: %v", v.Place, err)
			}
			written[2]++
		} else {
			continue // not as the gateway writes
		}
		if string(got) != v.Text+"\n" {
			t.Errorf("%s: %q is written as %q", v.Place, v.Text, got)
		}
	}
	if len(written) != 3 || written[2] < 20 {
		t.Errorf("wrote only %v", written)
	}
}

func numbered(text string) (number uint16, command string) {
	digits, command, _ := strings.Cut(strings.TrimPrefix(text, "#"), " ")
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || n > MaxNumber || text[0] != '#' || !strings.Contains(command, "=") {
		return 0, ""
	}
	return uint16(n), command
}

// The first hello of the test vectors gives its description.
func TestCollector_Vectors(t *testing.T) {
	var c Collector
	var got device.Description
	for _, v := range protocoltest.Vectors(t) {
		if v.Word != "from" {
			continue
		}
		if err := c.Add(Parse([]byte(v.Text))); err != nil {
			t.Fatalf("%s: %v", v.Place, err)
		}
		var complete bool
		if got, complete = c.Description(); complete {
			break
		}
	}
	low, high := int64(0), int64(255)
	want := device.Description{
		ID:       "greenhouse",
		Library:  "0.3.0",
		Readings: map[string]device.ReadingSpec{"temperature": {Unit: "°C"}, "light": {}},
		Commands: map[string]device.Command{
			"led":  {Name: "led", Type: device.Bool},
			"fan":  {Name: "fan", Type: device.Int, Min: &low, Max: &high},
			"mode": {Name: "mode", Type: device.Enum, Values: []string{"auto", "manual"}},
			"say":  {Name: "say", Type: device.Text, MaxLength: 20},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
