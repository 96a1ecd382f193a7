package extras_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"arduino-gateway/simulator/avr"
)

var sketchInDocs = regexp.MustCompile("(?s)```cpp\n(.*?)```")

// TestReadme_SketchCompiles compiles the sketch that people copy from the README.
func TestReadme_SketchCompiles(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	found := sketchInDocs.FindSubmatch(text)
	if found == nil {
		t.Fatal("README.md has no sketch")
	}
	sketch := filepath.Join(t.TempDir(), "Readme", "Readme.ino")
	if err := os.MkdirAll(filepath.Dir(sketch), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(sketch, found[1], 0o600); err != nil {
		t.Fatal(err)
	}
	if warnings := compile(t, avr.UnoBoard, sketch).Warnings; warnings != "" {
		t.Errorf("the compiler warns:\n%s", warnings)
	}
}
