//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"arduino-gateway/simulator"
)

// TestAPIPage_MatchesTheAPI runs each curl line of docs/api.md against the gateway.
// Each answer must have the members that the page shows, whatever their values.
func TestAPIPage_MatchesTheAPI(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(repository(t), "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t)
	url := r.withPage()
	board := simulator.New(t, simulator.Spec{Name: "greenhouse", Every: 200 * time.Millisecond, Line: "temperature=22.61,led={led}",
		State: []simulator.Variable{{Name: "led", Value: "off"}}, Commands: []simulator.Command{{On: "led={value}", Set: "led"}}})
	r.start("  greenhouse:\n    port: " + board.Path() + "\n    readings: {temperature: {unit: °C}}\n    commands: {led: {type: bool}}\n")
	r.await("devices/greenhouse/led", some(10))
	lines := 0
	for _, block := range regexp.MustCompile("(?s)```\n\\$ (curl .*?)\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		lines++
		line, want := block[1], block[2]
		sh := exec.CommandContext(testContext(t), "sh", "-c", strings.ReplaceAll(line, "http://127.0.0.1:8080/", url))
		got, err := sh.Output()
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if g, w := members(string(got)), members(want); !slices.Equal(g, w) && !strings.Contains(want, "…") {
			t.Errorf("%s\n got %q\nwant %q\n%s", line, g, w, got)
		} else if missing := missing(g, w); len(missing) > 0 {
			t.Errorf("%s\nlacks %q\n%s", line, missing, got)
		}
		if !strings.Contains(want, "{") && string(got) != want {
			t.Errorf("%s\n got %q\nwant %q", line, got, want)
		}
	}
	if lines != 8 {
		t.Errorf("%d curl lines in docs/api.md", lines)
	}
}

var memberName = regexp.MustCompile(`"(\w+)":|event: (\w+)`)

// members returns the names in a JSON answer, each once, sorted.
func members(text string) (names []string) {
	for _, m := range memberName.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1]+m[2])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// missing returns the elements of want that got lacks.
func missing(got, want []string) (missing []string) {
	for _, name := range want {
		if !slices.Contains(got, name) {
			missing = append(missing, name)
		}
	}
	return missing
}
