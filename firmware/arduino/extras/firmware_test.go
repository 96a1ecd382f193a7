// Package extras_test tests the Arduino library: its logic on this machine, its
// examples with the real core, its sizes, and its sketches on a simulated Uno. It also
// holds the library to the rules of the Arduino library manager.
package extras_test

import (
	"context"
	"io/fs"
	"os/exec"
	"path/filepath"
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

// TestLibrary_PassesHostTests runs the C++ tests with the sanitizers.
func TestLibrary_PassesHostTests(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(testContext(t), "make", "-j2", "-C", "test", "BUILD="+t.TempDir())
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make: %v (hint: install make and g++)\n%s", err, out)
	}
	tests, err := filepath.Glob("test/test_*.cpp")
	if err != nil || len(tests) == 0 {
		t.Fatalf("no tests in test: %v", err)
	}
	want := len(tests) + 2 // two of them run twice
	if ran := strings.Count(string(out), "\nok: "); ran != want {
		t.Errorf("%d of %d test programs ran:\n%s", ran, want, out)
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

// examples returns the path of each example, in order.
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

// TestExamples_CompileWithoutWarnings compiles every example with the real core for each
// board, with all warnings of the compiler.
func TestExamples_CompileWithoutWarnings(t *testing.T) {
	t.Parallel()
	for _, board := range boards {
		for _, sketch := range examples(t) {
			if warnings := compile(t, board, sketch).Warnings; warnings != "" {
				t.Errorf("%s for %s: the compiler warns:\n%s", sketch, board, warnings)
			}
		}
	}
}

// TestOldNames_WarnWithTheNewNames: a sketch for version 0.2 compiles, and its author
// learns the new names.
func TestOldNames_WarnWithTheNewNames(t *testing.T) {
	t.Parallel()
	warnings := compile(t, avr.UnoBoard, "testdata/Old/Old.ino").Warnings
	for _, name := range []string{"begin(id)", "beginLine()", "endLine()"} {
		if !strings.Contains(warnings, "use "+name) {
			t.Errorf("no warning names %s:\n%s", name, warnings)
		}
	}
}
