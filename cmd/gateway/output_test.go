package main

import (
	"strings"
	"testing"

	"arduino-gateway/internal/doctor"
)

// Each finding is one line, with its fix below.
func TestFindingsText(t *testing.T) {
	found := []doctor.Finding{
		{Check: "spool", Level: doctor.OK, What: "/var/lib/gateway can be written"},
		{Check: "device grün", Level: doctor.Fail, What: "the board says \x1b[2J\u009b2J", Fix: "sudo usermod -aG dialout pi"},
	}
	want := `ok    spool        /var/lib/gateway can be written
fail  device grün  the board says ?[2J?2J
      sudo usermod -aG dialout pi
`
	if got := findingsText(found); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// JSON for scripts shows < and > as they are.
func TestPrintJSON_KeepsMarkup(t *testing.T) {
	var text strings.Builder
	if err := printJSON(&text, []doctor.Finding{{Check: "spool", Level: doctor.OK, What: "<it> can be written"}}); err != nil {
		t.Fatal(err)
	}
	if want := "[\n  {\n    \"check\": \"spool\",\n    \"level\": \"ok\",\n    \"what\": \"<it> can be written\"\n  }\n]\n"; text.String() != want {
		t.Error(text.String())
	}
}

// Text from a board or a broker cannot move the cursor.
func TestPrintable_KeepsTheCursor(t *testing.T) {
	for text, want := range map[string]string{
		"t=23.5\t°C": "t=23.5\t°C", "t=\x1b[2J": `t=\x1b[2J`, "t=\u009b2J": `t=\u009b2J`, "t=\xff": "0x743dff",
	} {
		if got := visible(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
