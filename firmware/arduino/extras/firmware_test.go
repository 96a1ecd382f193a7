// Package firmware_test tests the Arduino library: its logic on this machine,
// its examples with the real core, and those on a simulated Uno.
package firmware_test

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"arduino-gateway/simulator/avr"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what may take long on a busy machine; nothing waits for it.
const patience = 3 * time.Minute

func testContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// library is the folder of the Arduino library, above this one.
const library = ".."

// TestOnHost runs the C++ tests, with the sanitizers on.
func TestOnHost(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(testContext(t), "make", "-j2", "-C", "test", "BUILD="+t.TempDir())
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make: %v (hint: it needs make and g++)\n%s", err, out)
	}
	tests, err := filepath.Glob("test/test_*.cpp")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests in test: %v", err)
	}
	if ran := strings.Count(string(out), "\nok: "); ran != len(tests) {
		t.Errorf("%d of %d test programs ran:\n%s", ran, len(tests), out)
	}
}

func compile(t *testing.T, board avr.Board, sketch string) avr.Firmware {
	t.Helper()
	firmware, err := avr.CompileReport(testContext(t), board, sketch, library)
	if err != nil {
		t.Fatal(err)
	}
	return firmware
}

var boards = []avr.Board{avr.UnoBoard, avr.Mega2560, avr.Leonardo}

// examples gives the path of each sketch, in order.
func examples(t *testing.T) (sketches []string) {
	t.Helper()
	err := filepath.WalkDir("../examples", func(path string, _ fs.DirEntry, err error) error {
		if filepath.Ext(path) == ".ino" {
			sketches = append(sketches, path)
		}
		return err
	})
	if err != nil || len(sketches) < 5 {
		t.Fatalf("found the examples %q: %v", sketches, err)
	}
	return sketches
}

// TestExamplesCompile compiles every example with the real core for each of the
// boards, with all of the compiler's warnings.
func TestExamplesCompile(t *testing.T) {
	t.Parallel()
	for _, board := range boards {
		for _, sketch := range examples(t) {
			if warnings := compile(t, board, sketch).Warnings; warnings != "" {
				t.Errorf("%s for %s: the compiler warns:\n%s", sketch, board, warnings)
			}
		}
	}
}

// TestVersion: the board tells the version that the IDE shows.
func TestVersion(t *testing.T) {
	t.Parallel()
	find := func(path, pattern string) string {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		match := regexp.MustCompile(pattern).FindSubmatch(text)
		if match == nil {
			t.Fatalf("no version in %s", path)
		}
		return string(match[1])
	}
	shown := find("../library.properties", `(?m)^version=(.*)$`)
	if told := find("../src/serialgateway/Version.h", `VERSION "(.*)"`); told != shown {
		t.Errorf("the board tells %s, library.properties %s", told, shown)
	}
}

// TestKeywords: the IDE colours what a sketch may call, and nothing else.
func TestKeywords(t *testing.T) {
	t.Parallel()
	header, err := os.ReadFile("../src/serialgateway/Gateway.h")
	if err != nil {
		t.Fatal(err)
	}
	_, public, _ := strings.Cut(string(header), " public:\n")
	public, _, _ = strings.Cut(public, " protected:\n")
	keywords, err := os.ReadFile("../keywords.txt")
	if err != nil {
		t.Fatal(err)
	}
	calls := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^  \w[\w ]* (\w+)\(`).FindAllStringSubmatch(public, -1) {
		calls[match[1]] = true
	}
	for _, match := range regexp.MustCompile(`(?m)^(\w+)\tKEYWORD2$`).FindAllStringSubmatch(string(keywords), -1) {
		if !calls[match[1]] {
			t.Errorf("keywords.txt has %s, which nobody can call", match[1])
		}
		delete(calls, match[1])
	}
	for call := range calls {
		t.Errorf("keywords.txt lacks %s", call)
	}
}
