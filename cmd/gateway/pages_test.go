package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page has a row for each command, with the arguments that -h prints.
func TestCommandLinePage_NamesEveryCommand(t *testing.T) {
	t.Parallel()
	page := readPage(t, "docs/commandline.md")
	for _, c := range commands() {
		if row := "\n| `" + c.usage() + "` | "; !strings.Contains(page, row) {
			t.Errorf("docs/commandline.md: no row begins with %q", row)
		}
	}
}

// gateway check prints what docs/configuration.md shows for each of its files.
func TestConfigurationPage_ShowsWhatCheckPrints(t *testing.T) {
	t.Parallel()
	page := readPage(t, "docs/configuration.md")
	shown := func(pattern string) string {
		t.Helper()
		found := regexp.MustCompile("(?s)```(?:yaml)?\n" + pattern + "```\n").FindStringSubmatch(page)
		if found == nil {
			t.Fatalf("the page has no block such as %s", pattern)
		}
		return found[1]
	}
	written := shown("(# Written by gateway init.*?)")
	wrong := shown("(mqtt:\n  broker: \"http:.*?)")
	for file, c := range map[string]struct{ text, want string }{
		"devices.yaml": {written + "gateway: {id: raspberrypi}\n", shown(`\$ gateway check\n(.*?)`)},
		"wrong.yaml":   {wrong, shown(`\$ gateway check -c wrong.yaml\n(.*?)`)},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, file)
		if err := writeFile(path, c.text); err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		s := testShell(&got, &got, nil)
		s.run(t.Context(), []string{"check", "-c", path})
		if printed := strings.ReplaceAll(got.String(), dir+string(filepath.Separator), ""); printed != c.want {
			t.Errorf("%s: check prints\n%sand the page shows\n%s", file, printed, c.want)
		}
	}
}

func readPage(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
