package firmware

import (
	"slices"
	"strings"
	"testing"

	"arduino-gateway/device"
	"arduino-gateway/internal/protocol"
	"arduino-gateway/internal/protocoltest"
)

// player plays the dialogues of vectors.txt with their board.
type player struct {
	board    *Board
	happened []string // not yet expected
}

func (p *player) run(command, value string) (words string, ok bool) {
	if command == "fan" && value == "13" {
		return "the fan is stuck", false
	}
	if command == "fan" && value == "14" {
		return "the fan is stuck, and so is the flap behind it: somebody should look at both today", false
	}
	p.happened = append(p.happened, "runs "+command+" "+value)
	if command == "say" {
		return "said", true
	}
	return "", true
}

func newPlayer(t *testing.T) *player {
	p := &player{}
	sketch := Sketch{ID: "greenhouse", Readings: []Reading{{"temperature", "°C"}, {"light", ""}}, Run: p.run}
	for _, c := range [][2]string{{"led", "bool"}, {"fan", "int 0..255"}, {"mode", "enum auto|manual"}, {"say", "text 20"}} {
		sketch.Commands = append(sketch.Commands, command(t, c[0], c[1]))
	}
	p.board = New(sketch, func(line string) { p.happened = append(p.happened, "from "+line) })
	return p
}

func command(t *testing.T, name, takes string) device.Command {
	t.Helper()
	c, err := protocol.ParseCommand(name, takes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// act performs a line of the file, unless it is an answer of the board.
func (p *player) act(word, text string) {
	switch word {
	case "boot":
		p.board.Reset(0)
	case "to":
		p.receive(text + "\n")
	case "raw":
		p.receive(text)
	case "prints":
		p.board.Println(0, text)
	}
}

func (p *player) receive(data string) {
	for _, c := range []byte(data) {
		p.board.Receive(c)
		p.board.Loop(0)
	}
}

// The dialogues of vectors.txt bind this board and the library alike.
func TestBoard_PlaysEveryDialogue(t *testing.T) {
	p, expected, skipping := newPlayer(t), 0, false
	for _, v := range protocoltest.Vectors(t) {
		expects := v.Word == "from" || v.Word == "runs"
		if !expects && v.Word != "means" && len(p.happened) > 0 {
			t.Fatalf("%s: before this: %q", v.Place, p.happened)
		}
		switch {
		case v.Word == "==":
			skipping = strings.HasPrefix(v.Text, "gateway:")
			p.board.Reset(0)
			p.happened = nil
		case skipping:
		case !expects:
			p.act(v.Word, v.Text)
		case len(p.happened) == 0 || p.happened[0] != v.Word+" "+v.Text:
			t.Fatalf("%s: the board: %q\nwanted: %s %s", v.Place, p.happened, v.Word, v.Text)
		default:
			p.happened = p.happened[1:]
			expected++
		}
	}
	if expected < 100 {
		t.Errorf("only %d lines were expected of the board", expected)
	}
}

// As the library does, the board drops and counts what does not fit a line, and
// replaces control characters.
func TestBoard_PrintsOnlyWhatFits(t *testing.T) {
	p := newPlayer(t)
	p.board.Println(0, "a="+strings.Repeat("x", Output-1))
	p.board.Println(0, "a=\x01\x7f")
	p.receive("?7F3A ~8A9E\n")
	line := func(text string) string { return "from " + string(appendSum([]byte(text), 0)) }
	want := []string{line("a=__"), line("!state session=7F3A last=0 input=63 taken=12 dropped=1")}
	if !slices.Equal(p.happened, want) {
		t.Errorf("got %q\nwant %q", p.happened, want)
	}
}
