package protocol

import (
	"testing"

	"arduino-gateway/internal/protocoltest"
)

// Parsing and writing lines does not allocate.
func TestParse_DoesNotAllocate(t *testing.T) {
	var lines [][]byte
	for _, v := range protocoltest.Vectors(t) {
		if v.Word == "from" {
			lines = append(lines, []byte(v.Text))
		}
	}
	buffer := make([]byte, 0, 4*MaxLine)
	var seen Line
	if got := testing.AllocsPerRun(100, func() {
		for _, line := range lines {
			seen = Parse(line)
		}
		buffer = AppendAsk(AppendSession(AppendEnding(buffer[:0]), 0x7f3a))
		buffer, _ = AppendCommand(buffer, 5, "led=on")
	}); got != 0 {
		t.Errorf("%v allocations (last %v)", got, seen.Kind)
	}
}

func BenchmarkParse(b *testing.B) {
	for name, line := range map[string]string{
		"reading": "temperature=23.50,humidity=40.2,light=511",
		"answer":  "!ok 5 taken=143",
		"plain":   "",
	} {
		text := []byte("temperature=23.50,humidity=40.2,light=511")
		if line != "" {
			text = appendSum([]byte(line), 0)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_ = Parse(text)
			}
		})
	}
}
