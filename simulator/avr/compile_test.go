package avr_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"arduino-gateway/simulator/avr"
)

func TestBuild_BuildsOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := avr.Build(testContext(t), dir)
	if err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(first)
	if err != nil {
		t.Fatal(err)
	}
	second, err := avr.Build(testContext(t), dir)
	if err != nil || second != first {
		t.Fatalf("%s, then %s, %v", first, second, err)
	}
	if after, err := os.Stat(second); err != nil || !os.SameFile(before, after) {
		t.Errorf("it was built again: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestBuild_NeedsGcc(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := avr.Build(t.Context(), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "gcc") || !strings.Contains(err.Error(), "apt-get install") {
		t.Errorf("got %v", err)
	}
}

func TestCompile_NeedsTheTools(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := avr.Compile(t.Context(), "x.ino")
	if err == nil || !strings.Contains(err.Error(), "apt-get install") {
		t.Errorf("got %v", err)
	}
}

// write creates files below a new folder, by their paths.
func write(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for path, text := range files {
		path = filepath.Join(dir, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestCompile_ReportsTheError(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"bad/bad.ino": "void setup() {}\nvoid loop() { nonsense(); }\n"})
	_, err := avr.Compile(testContext(t), filepath.Join(dir, "bad/bad.ino"))
	if err == nil || !strings.Contains(err.Error(), "bad.ino:2:") || !strings.Contains(err.Error(), "nonsense") {
		t.Errorf("got %v", err)
	}
}

func TestCompile_UsesALibrary(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"sketch/sketch.ino":      "#include <Seven.h>\nvoid setup() { Serial.begin(9600); Serial.print(seven()); }\nvoid loop() {}\n",
		"lib/library.properties": "name=Seven\nversion=1.0.0\nauthor=we\nmaintainer=we\narchitectures=*\n",
		"lib/extras/README.md":   "not compiled",
		"lib/src/Seven.h":        "#include <Arduino.h>\nint seven();\n",
		"lib/src/Seven.cpp":      "#include \"Seven.h\"\nint seven() { int unused; return 7; }\n",
	})
	sketch, library := filepath.Join(dir, "sketch/sketch.ino"), filepath.Join(dir, "lib")
	first, err := avr.CompileReport(testContext(t), avr.UnoBoard, sketch, library)
	if err != nil {
		t.Fatal(err)
	}
	if first.Flash < 500 || first.RAM < 100 || !strings.Contains(first.Warnings, "unused") {
		t.Errorf("got %+v", first)
	}
	again, err := avr.CompileReport(testContext(t), avr.UnoBoard, sketch, library)
	if err != nil || again != first {
		t.Errorf("from the cache came %+v, %v", again, err)
	}
	if err := os.WriteFile(filepath.Join(library, "extras/extra.cpp"), []byte("no C++"), 0o600); err != nil {
		t.Fatal(err)
	}
	extra, err := avr.CompileReport(testContext(t), avr.UnoBoard, sketch, library)
	if err != nil || extra != first {
		t.Errorf("with a file in extras came %+v, %v", extra, err)
	}
	if err := os.WriteFile(filepath.Join(library, "src/Seven.cpp"), []byte("int seven() { return 8; }\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	changed, err := avr.CompileReport(testContext(t), avr.UnoBoard, sketch, library)
	if err != nil || changed.Hex == first.Hex || changed.Warnings != "" {
		t.Errorf("with another library came %+v, %v", changed, err)
	}
}

func TestCompile_RejectsAFolderWithoutLibrary(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"s/s.ino": "void setup() {}\nvoid loop() {}\n"})
	_, err := avr.Compile(testContext(t), filepath.Join(dir, "s/s.ino"), t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "library.properties") {
		t.Errorf("got %v", err)
	}
}

// It starts without a core in the cache, as on a new machine.
func TestCompile_RunsTogether(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := write(t, map[string]string{
		"a/a.ino": "void setup() { Serial.begin(9600); }\nvoid loop() {}\n",
		"b/b.ino": "void setup() { pinMode(13, OUTPUT); }\nvoid loop() {}\n",
	})
	ctx := testContext(t)
	var all sync.WaitGroup
	for _, name := range []string{"a/a.ino", "b/b.ino", "a/a.ino"} {
		all.Go(func() {
			hex, err := avr.Compile(ctx, filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
				return
			}
			data, err := os.ReadFile(hex)
			if err != nil || !strings.HasSuffix(strings.TrimSpace(string(data)), ":00000001FF") {
				t.Errorf("%s is not whole: %v", hex, err)
			}
		})
	}
	all.Wait()
}

func TestCompile_IsCancelled(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"s/s.ino": "void setup() { delay(7); }\nvoid loop() {}\n"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := avr.Compile(ctx, filepath.Join(dir, "s/s.ino")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
