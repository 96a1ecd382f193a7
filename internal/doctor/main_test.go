package doctor

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"arduino-gateway/internal/config"
	"arduino-gateway/internal/ports"
	"arduino-gateway/internal/status"
	"arduino-gateway/mqttbridge"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// targetWith returns a target with these lines of configuration, on a machine without
// ports.
func targetWith(t *testing.T, lines string) Target {
	t.Helper()
	dir := t.TempDir()
	text := fmt.Sprintf("gateway: {id: pi}\nspool: {dir: %q}\nhttp: {listen: \"off\"}\n%s\n", filepath.Join(dir, "state"), lines)
	c, problems := config.Parse(filepath.Join(dir, "devices.yaml"), []byte(text), func(string) string { return "" })
	if err := problems.Err(); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return Target{File: filepath.Join(dir, "devices.yaml"), Config: c, Problems: problems, Machine: ports.Machine{Root: t.TempDir()}, Self: "gateway",
		Session: mqttbridge.Options{Brokers: c.MQTT.Brokers, Username: c.MQTT.Username, Protocol: mqttbridge.Protocol(c.MQTT.Protocol), BindAddress: c.MQTT.BindAddress}}
}

const oneDevice = "devices:\n  uno: {port: /dev/none}"

// check compares findings with lines of "LEVEL CHECK: part of what | part of fix".
func check(t *testing.T, findings []Finding, want ...string) {
	t.Helper()
	ok := len(findings) == len(want)
	for i := 0; ok && i < len(want); i++ {
		head, fix, _ := strings.Cut(want[i], " | ")
		start, what, _ := strings.Cut(head, ": ")
		f := findings[i]
		ok = start == string(f.Level)+" "+f.Check && strings.Contains(f.What, what) && strings.Contains(f.Fix, fix) && (fix == "") == (f.Fix == "")
	}
	if !ok {
		var got []string
		for _, f := range findings {
			got = append(got, fmt.Sprintf("%s %s: %s | %s", f.Level, f.Check, f.What, f.Fix))
		}
		t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestFault_SplitsTheHint splits texts of errors, some without a hint.
func TestFault_SplitsTheHint(t *testing.T) {
	for text, want := range map[string][2]string{
		"open x: denied (hint: chmod a)":              {"open x: denied", "chmod a"},
		"a (hint: b (c))":                             {"a", "b (c)"},
		"a; connect to b: refused (hint: d (hint: e)": {"a; connect to b: refused (hint: d", "e"},
		"plain":                  {"plain", ""},
		"(hint: half":            {"(hint: half", ""},
		"open (x): no such file": {"open (x): no such file", ""},
	} {
		what, fix, _ := status.CutHint(text)
		if got := [2]string{what, fix}; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestQuoted_ForAShell quotes words that a shell would change.
func TestQuoted_ForAShell(t *testing.T) {
	for word, want := range map[string]string{"/a/b_c-1.yaml": "/a/b_c-1.yaml", "": "''", "my file": "'my file'", "it's": `'it'\''s'`, "$HOME": "'$HOME'"} {
		if got := quoted(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
}
