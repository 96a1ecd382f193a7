package protocol

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"arduino-gateway/device"
)

// vector is one line of the file that the library for boards is tested by too;
// its head says what each word means.
type vector struct {
	place      string // for an error
	word, text string
}

func vectors(t testing.TB) []vector {
	const path = "../../firmware/arduino/test/vectors.txt"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		word, text, _ := strings.Cut(line, " ")
		if word == "to" || word == "raw" || word == "from" || word == "means" {
			text = unescape(t, text)
		}
		all = append(all, vector{fmt.Sprintf("%s:%d", path, i+1), word, text})
	}
	return all
}

func unescape(t testing.TB, text string) string {
	t.Helper()
	plain, err := strconv.Unquote(`"` + strings.ReplaceAll(text, `"`, `\"`) + `"`)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return plain
}

// meaning tells in words what Parse has made of a line.
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

func TestVectorsAreRead(t *testing.T) {
	meant := 0
	all := vectors(t)
	for i, v := range all {
		switch v.word {
		case "means":
			meant++
			if got := meaning(Parse([]byte(all[i-1].text))); got != v.text {
				t.Errorf("%s:\n got %s\nwant %s", v.place, got, v.text)
			}
		case "==", "boot", "to", "raw", "from", "runs", "prints":
		default:
			t.Errorf("%s: what is %q?", v.place, v.word)
		}
	}
	if meant < 30 {
		t.Errorf("only %d lines with their meaning", meant)
	}
}

// TestVectorsAreWritten encodes anew what goes to the board.
func TestVectorsAreWritten(t *testing.T) {
	written := map[Verdict]int{}
	for _, v := range vectors(t) {
		text, check := split([]byte(v.text))
		if v.word != "to" || check != Right {
			continue
		}
		var got []byte
		if session, ok := parseHex(text[1:]); ok && session != 0 {
			got = AppendSession(nil, session)
			written[0]++
		} else if string(text) == "?" {
			got = AppendAsk(nil)
			written[1]++
		} else if number, command := numbered(string(text)); command != "" && len(v.text) < MaxLine {
			var err error
			if got, err = AppendCommand(nil, number, command); err != nil {
				t.Errorf("%s: %v", v.place, err)
			}
			written[2]++
		} else {
			continue // not as the gateway writes
		}
		if string(got) != v.text+"\n" {
			t.Errorf("%s: %q is written as %q", v.place, v.text, got)
		}
	}
	if len(written) != 3 || written[2] < 20 {
		t.Errorf("written were only %v", written)
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

// TestVectorsDescribe puts the first hello together.
func TestVectorsDescribe(t *testing.T) {
	var c Collector
	var got device.Description
	for _, v := range vectors(t) {
		if v.word != "from" {
			continue
		}
		if err := c.Take(Parse([]byte(v.text))); err != nil {
			t.Fatalf("%s: %v", v.place, err)
		}
		var whole bool
		if got, whole = c.Description(); whole {
			break
		}
	}
	low, high := int64(0), int64(255)
	want := device.Description{
		ID:       "greenhouse",
		Library:  "0.2.0",
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
