package extras_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// manifest is library.json, with the fields of PlatformIO's schema that it has.
type manifest struct {
	Name        string   `json:"name"`
	Version     string   `json:"version"`
	Description string   `json:"description"`
	Keywords    []string `json:"keywords"`
	Authors     []struct {
		Name       string `json:"name"`
		Maintainer bool   `json:"maintainer"`
	} `json:"authors"`
	License    string `json:"license"`
	Frameworks string `json:"frameworks"`
	Platforms  string `json:"platforms"`
	Headers    string `json:"headers"`
	Examples   []struct {
		Name  string   `json:"name"`
		Base  string   `json:"base"`
		Files []string `json:"files"`
	} `json:"examples"`
	Export struct {
		Exclude []string `json:"exclude"`
	} `json:"export"`
}

func readManifest(t *testing.T) (m manifest) {
	t.Helper()
	text, err := os.ReadFile("../library.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		t.Fatalf("library.json: %v", err)
	}
	return m
}

func find(t *testing.T, path, pattern string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(pattern).FindSubmatch(text)
	if match == nil {
		t.Fatalf("%s has no %s", path, pattern)
	}
	return string(match[1])
}

// TestManifest_AgreesWithProperties: Arduino and PlatformIO, and the board itself, show
// the same name and version.
func TestManifest_AgreesWithProperties(t *testing.T) {
	t.Parallel()
	m, p := readManifest(t), properties(t)
	if printed := find(t, "../src/serialgateway/Version.h", `VERSION "(.*)"`); printed != p["version"] {
		t.Errorf("the board reports version %s, library.properties has %s", printed, p["version"])
	}
	for field, value := range map[string]string{
		"name": m.Name, "version": m.Version, "license": m.License, "includes": m.Headers, "architectures": m.Platforms,
	} {
		if p[field] != value {
			t.Errorf("library.json has %q as %s, library.properties has %q", value, field, p[field])
		}
	}
	if len(m.Authors) != 2 || m.Authors[0].Name != p["author"] || m.Authors[1].Name != p["maintainer"] || !m.Authors[1].Maintainer {
		t.Errorf("library.json has the authors %+v", m.Authors)
	}
}

var keyword = regexp.MustCompile(`^[a-z\d]([a-z\d-]*[a-z\d])?$`)

// TestManifest_FitsTheSchema: the bounds of PlatformIO's schema for library.json.
func TestManifest_FitsTheSchema(t *testing.T) {
	t.Parallel()
	m := readManifest(t)
	if len(m.Name) > 50 || len(m.Version) > 20 || m.Description == "" || len(m.Description) > 255 || m.Frameworks != "arduino" {
		t.Errorf("library.json has %+v", m)
	}
	for _, word := range m.Keywords {
		if !keyword.MatchString(word) {
			t.Errorf("library.json has the keyword %q", word)
		}
	}
	for _, path := range m.Export.Exclude {
		if _, err := os.Stat(filepath.Join(library, path)); err != nil {
			t.Errorf("library.json excludes %s: %v", path, err)
		}
	}
	listed := 0
	for _, example := range m.Examples {
		for _, file := range example.Files {
			listed++
			if !isFile(filepath.Join(library, example.Base, file)) {
				t.Errorf("library.json has an example %s without %s", example.Name, file)
			}
		}
	}
	if all := examples(t); listed != len(all) {
		t.Errorf("library.json lists %d examples of %d", listed, len(all))
	}
}

var keywordLine = regexp.MustCompile(`^(\w+)\t(KEYWORD[123]|LITERAL1)$`)

// keywords returns keywords.txt: names with their tokens, a tab between them.
func keywords(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../keywords.txt")
	if err != nil {
		t.Fatal(err)
	}
	tokens := map[string]string{}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		match := keywordLine.FindStringSubmatch(line)
		if match == nil || tokens[match[1]] != "" {
			t.Errorf("keywords.txt has the line %q", line)
			continue
		}
		tokens[match[1]] = match[2]
	}
	return tokens
}

// TestKeywords_AreThePublicNames: the IDE colours what a sketch may call, and nothing
// else.
func TestKeywords_AreThePublicNames(t *testing.T) {
	t.Parallel()
	header, err := os.ReadFile("../src/serialgateway/Gateway.h")
	if err != nil {
		t.Fatal(err)
	}
	_, public, _ := strings.Cut(string(header), " public:\n")
	public, _, _ = strings.Cut(public, " protected:\n")
	names := map[string]string{"SerialGateway": "KEYWORD1", "SizedSerialGateway": "KEYWORD1"}
	for _, match := range regexp.MustCompile(`(?m)^  \w[\w ]* (\w+)\(`).FindAllStringSubmatch(public, -1) {
		names[match[1]] = "KEYWORD2"
	}
	tokens := keywords(t)
	for name, token := range names {
		if tokens[name] != token {
			t.Errorf("keywords.txt has %q for %s, want %s", tokens[name], name, token)
		}
		delete(tokens, name)
	}
	for name := range tokens {
		t.Errorf("keywords.txt has %s, which a sketch cannot call", name)
	}
}
