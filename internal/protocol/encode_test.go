package protocol

import (
	"strings"
	"testing"
)

// AppendCommand refuses what no board accepts, and leaves dst unchanged.
func TestAppendCommand_Refuses(t *testing.T) {
	longest := "a=" + strings.Repeat("x", MaxLine-len("#32767 a= ~0000\n"))
	if line, err := AppendCommand(nil, MaxNumber, longest); err != nil || len(line) != MaxLine {
		t.Errorf("the longest has %d bytes, %v", len(line), err)
	}
	for _, c := range []struct {
		number     uint16
		text, want string
	}{
		{1, "led", `"led" is not NAME=VALUE`},
		{1, "=on", `"=on" is not NAME=VALUE`},
		{1, "led=on\nfan=1", `"led=on\nfan=1" contains a control character`},
		{1, "led=\xff", `"led=\xff" contains a control character`},
		{0, "led=on", "command number 0 is not from 1 to 32767"},
		{32768, "led=on", "command number 32768 is not from 1 to 32767"},
		{32767, longest + "x", "the line has 64 bytes; a board accepts at most 63"},
	} {
		line, err := AppendCommand([]byte("before"), c.number, c.text)
		if err == nil || err.Error() != c.want || string(line) != "before" {
			t.Errorf("%d %q: %q, %v", c.number, c.text, line, err)
		}
	}
}

// Sum is CRC-16/MCRF4XX: its check value in the catalogue of CRCs is 6F91.
func TestSum_HasTheCheckValue(t *testing.T) {
	if sum := Sum([]byte("123456789")); sum != 0x6f91 {
		t.Errorf("got %04X, want 6F91", sum)
	}
}
