package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"arduino-gateway/internal/doctor"
)

// Each finding is one line, with its fix below.
func TestFindingsText(t *testing.T) {
	found := []doctor.Finding{
		{Check: "spool", Level: doctor.OK, What: "/var/lib/gateway can be written"},
		{Check: "device grün", Level: doctor.Fail, What: "the board says \x1b[2J\u009b2J", Fix: "sudo usermod -aG dialout pi"},
	}
	want := `ok    spool        /var/lib/gateway can be written
fail  device grün  the board says \x1b[2J\u009b2J
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

// No command prints what could act on a terminal, whatever stands in its arguments, in
// the configuration and in the environment.
func TestCommands_PrintNothingThatActs(t *testing.T) {
	const hostile = "\x1b]0;x\x07\u009b2J\x7f\u202e\x9b"
	file := filepath.Join(t.TempDir(), "devices.yaml")
	text := `gateway: {id: "\e[2J"}` + "\n" + `mqtt: {broker: "mqtt://\x9b:1", client: "\u202e"}` + "\n" + `devices: {"a\e[2J": {port: "\x7f"}}` + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range commands() {
		for _, args := range [][]string{{hostile}, {"-c", hostile}, {"-c", file}, {"-" + hostile}, {"-c", file, hostile, hostile, hostile}, {hostile, hostile, hostile, hostile}} {
			var out strings.Builder
			s := testShell(&out, &out, map[string]string{"GATEWAY_CONFIG": hostile, "XDG_STATE_HOME": hostile})
			if c.name == "ports" && len(args) == 1 || c.name == "demo" && args[0] == "-c" {
				continue // they have no such argument
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			_ = s.run(ctx, append([]string{c.name}, args...))
			cancel()
			for _, r := range out.String() {
				if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
					t.Errorf("gateway %s %q prints %q:\n%q", c.name, args, r, out.String())
					break
				}
			}
		}
	}
}
