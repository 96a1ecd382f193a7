package protocol

import (
	"os"
	"regexp"
	"testing"
)

var documentedLine = regexp.MustCompile("(?m)(?:^[<>] |`)([^`\n]* ~[0-9A-F]{4})(?:`|$)")

// TestDocumentedSums: what docs/protocol.md shows can be typed as it stands.
func TestDocumentedSums(t *testing.T) {
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
		t.Errorf("only %d lines were found", len(lines))
	}
}
