package extras_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"arduino-gateway/internal/protocol"
	"arduino-gateway/simulator/firmware"
)

// TestTwin_DoesWhatTheLibraryDoes plays random damaged dialogues to the library and to the
// simulator's board. Both run the same commands and print the same lines, and the gateway
// reads each of these lines as one that a board of this protocol sends.
func TestTwin_DoesWhatTheLibraryDoes(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	dialogues := make([]string, 3000)
	for i := range dialogues {
		dialogues[i] = newTalker(seed + uint64(i)).dialogue()
	}
	for i, library := range playLibrary(t, dialogues) {
		if twin := playTwin(t, dialogues[i]); !slices.Equal(library, twin) {
			t.Fatalf("newTalker(%d): to the board: %q\nlibrary: %q\n   twin: %q", seed+uint64(i), dialogues[i], library, twin)
		}
		for _, event := range library {
			line, isLine := strings.CutPrefix(event, "from ")
			if isLine && protocol.Parse([]byte(line)).Check != protocol.Right {
				t.Fatalf("newTalker(%d): the gateway refuses %q", seed+uint64(i), line)
			}
		}
	}
}

// playLibrary returns what happens on the library's board in each dialogue.
func playLibrary(t *testing.T, dialogues []string) (all [][]string) {
	t.Helper()
	build := t.TempDir()
	program := filepath.Join(build, "dialogues")
	if out, err := exec.CommandContext(testContext(t), "make", "-j2", "-C", "test", "BUILD="+build, program).CombinedOutput(); err != nil {
		t.Fatalf("make: %v (hint: install make and g++)\n%s", err, out)
	}
	var input strings.Builder
	for _, dialogue := range dialogues {
		fmt.Fprintf(&input, "%x\n", dialogue)
	}
	player := exec.CommandContext(testContext(t), program)
	player.Stdin = strings.NewReader(input.String())
	out, err := player.Output()
	if err != nil {
		t.Fatalf("the library: %v", err)
	}
	var events []string
	for line := range strings.Lines(string(out)) {
		event, err := hex.DecodeString(strings.TrimSuffix(line, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		if len(event) == 0 {
			all, events = append(all, events), nil
			continue
		}
		events = append(events, string(event))
	}
	if len(all) != len(dialogues) {
		t.Fatalf("the library played %d of %d dialogues", len(all), len(dialogues))
	}
	return all
}

// playTwin returns what happens on the simulator's board: the greenhouse of Board.cpp.
func playTwin(t *testing.T, dialogue string) (events []string) {
	t.Helper()
	sketch := firmware.Sketch{ID: "greenhouse", Readings: []firmware.Reading{{Name: "temperature", Unit: "°C"}, {Name: "light"}}}
	for _, c := range [][2]string{{"led", "bool"}, {"fan", "int 0..255"}, {"mode", "enum auto|manual"}, {"say", "text 20"}} {
		command, err := protocol.ParseCommand(c[0], c[1])
		if err != nil {
			t.Fatal(err)
		}
		sketch.Commands = append(sketch.Commands, command)
	}
	sketch.Run = func(command, value string) (words string, ok bool) {
		if command == "fan" && value == "13" {
			return "the fan is stuck", false
		}
		events = append(events, "runs "+command+" "+value)
		if command == "say" {
			return "said", true
		}
		return "", true
	}
	board := firmware.New(sketch, func(line string) { events = append(events, "from "+line) })
	board.Reset(0)
	events = nil
	for _, c := range []byte(dialogue) {
		board.Receive(c)
		board.Loop(0)
	}
	return events
}

// talker makes a dialogue with the greenhouse. Most of its lines are right or almost so: a
// line of random bytes never comes past the checksum.
type talker struct{ *rand.Rand }

func newTalker(seed uint64) talker { return talker{rand.New(rand.NewPCG(seed, 0))} }

func (t talker) oneOf(choices ...string) string { return choices[t.IntN(len(choices))] }

func (t talker) dialogue() string {
	var all strings.Builder
	next := 1
	for range 1 + t.IntN(12) {
		line := t.line(&next)
		if t.IntN(4) > 0 {
			line += fmt.Sprintf(" ~%04X", protocol.Sum([]byte(line)))
		}
		line += t.oneOf("\n", "\n", "\n", "\r\n", "\r", "")
		if t.IntN(8) == 0 {
			line = t.damage(line)
		}
		all.WriteString(line)
	}
	return all.String()
}

// line returns a line without its checksum. next is the number that the board expects,
// unless something was damaged.
func (t talker) line(next *int) string {
	switch t.IntN(8) {
	case 0:
		*next = 1
		return t.oneOf("?7F3A", "?7F3A", "?0B0E", "?", "?0000", "?7f3", "?éé", "?12345")
	case 1:
		return t.command()
	case 2:
		return "#" + t.oneOf("0", "-1", "", "32767", "32768", "65537", "x", "1 ", fmt.Sprint(*next-t.IntN(7))) + " " + t.command()
	default:
		number := t.oneOf("%d", "%d", "%d", "%d", "+%d", "0%d", "000000%d", "%d ")
		*next++
		return fmt.Sprintf("#"+number+" ", *next-1) + t.command()
	}
}

func (t talker) command() string {
	name := t.oneOf("led", "fan", "mode", "say", "say", "light", "temperature", "LED", "")
	value := t.oneOf("on", "OFF", "True", "1", "0", "5", "255", "256", "-0", "+7", "007", "+007", "13", "0x1", "2147483648",
		"99999999999999999999", "auto", "manual", "Auto", "auto|manual", "", "a=b, c", "12345678901234567890", "123456789012345678901", "é")
	if t.IntN(8) == 0 {
		value = t.damage(value)
	}
	return name + t.oneOf("=", "=", "=", "=", "=", "=", "", "==", " =") + value
}

// damage changes, removes or adds a byte.
func (t talker) damage(text string) string {
	at := t.IntN(len(text) + 1)
	odd := t.oneOf("\x00", "\x01", "\x11", "\n", "\r", "\t", "\x7f", "\xc2\x85", "\xff", "~", "=", " ", "#", "?", string(rune('a'+t.IntN(26))))
	rest := text[at:]
	if t.IntN(2) == 0 && rest != "" {
		rest = rest[1:]
	}
	return text[:at] + t.oneOf(odd, odd, "") + rest
}
