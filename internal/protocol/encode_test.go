package protocol

import (
	"strings"
	"testing"
)

func TestCommandsThatNoBoardTakes(t *testing.T) {
	longest := "a=" + strings.Repeat("x", MaxLine-len("#32767 a= ~0000\n"))
	if line, err := AppendCommand(nil, MaxNumber, longest); err != nil || len(line) != MaxLine {
		t.Errorf("the longest has %d bytes, %v", len(line), err)
	}
	for _, c := range []struct {
		number     uint16
		text, want string
	}{
		{1, "led", `"led" is no NAME=VALUE`},
		{1, "=on", `"=on" is no NAME=VALUE`},
		{1, "led=on\nfan=1", `"led=on\nfan=1" has a control character in it`},
		{1, "led=\xff", `"led=\xff" has a control character in it`},
		{0, "led=on", "a command with the number 0; they go from 1 to 32767"},
		{32768, "led=on", "a command with the number 32768; they go from 1 to 32767"},
		{32767, longest + "x", "the line has 64 bytes; a board takes 63"},
	} {
		line, err := AppendCommand([]byte("before"), c.number, c.text)
		if err == nil || err.Error() != c.want || string(line) != "before" {
			t.Errorf("%d %q: %q, %v", c.number, c.text, line, err)
		}
	}
}

func TestSumIsTheKnownOne(t *testing.T) {
	if sum := Sum([]byte("123456789")); sum != 0x6f91 {
		t.Errorf("got %04X; the catalogue of CRCs says 6F91", sum)
	}
}
