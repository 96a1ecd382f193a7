package protocol

import (
	"os"
	"regexp"
	"testing"
)

var documentedLine = regexp.MustCompile("(?m)(?:^[<>] |`)([^`\n]* ~[0-9A-F]{4})(?:`|$)")

// The lines in docs/protocol.md have valid checksums, so that they can be typed as shown.
func TestSum_OfDocumentedLines(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := documentedLine.FindAllSubmatch(text, -1)
	for _, line := range lines {
		if _, check := split(line[1]); check != Right {
			t.Errorf("%s: want ~%04X", line[1], Sum(line[1][:len(line[1])-sumLength]))
		}
	}
	if len(lines) < 16 {
		t.Errorf("found only %d lines", len(lines))
	}
}
